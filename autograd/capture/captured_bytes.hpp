// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

namespace sigmagrad::engine {

/// Bytes that this thread's captured steps have taken for what their bodies make, since the thread began. The growth
/// over a step's first call is the memory that its replays work on, what is from outside aside.
std::size_t captured_bytes();

}  // namespace sigmagrad::engine
