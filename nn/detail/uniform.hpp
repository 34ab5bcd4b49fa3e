// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>

namespace sigmagrad::nn::detail {

/// How layers start, as PyTorch has it: entries uniform in +-1/sqrt(fan_in), from the thread's generator.
inline Tensor uniform_start(const Shape& shape, std::int64_t fan_in, Dtype dtype) {
  const double bound = 1.0 / std::sqrt(static_cast<double>(std::max<std::int64_t>(fan_in, 1)));
  return (2.0 * bound) * rand(shape, dtype) - bound;
}

}  // namespace sigmagrad::nn::detail
