// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include <sigmagrad/autograd/tensor/dtype.hpp>

namespace sigmagrad::engine {

/// A dtype stores all whole numbers up to this one, of either sign, and beyond it only some.
constexpr std::int64_t largest_whole(Dtype dtype) { return std::int64_t{1} << (dtype == f64 ? 53 : 24); }

/// What an Error about a larger one says.
constexpr const char* whole_range(Dtype dtype) {
  return dtype == f64 ? "f64 holds every whole number up to 2^53 only"
                      : "f32 holds every whole number up to 2^24 only, f64 up to 2^53";
}

}  // namespace sigmagrad::engine
