// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace sigmagrad {

/// The images of a set that are to train with, and those to test with.
enum class DataPart : std::uint8_t { Train, Test };

}  // namespace sigmagrad
