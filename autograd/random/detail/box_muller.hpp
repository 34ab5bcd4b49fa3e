// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>

namespace sigmagrad::engine {

/// 2 pairs words -> 2 pairs independent standard normals (at most 8.5 in size, 52 random bits each).
void box_muller(const std::uint64_t* words, double* out, std::size_t pairs);

}  // namespace sigmagrad::engine
