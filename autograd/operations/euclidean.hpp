// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

// Euclidean norms as differentiable operations, in range wherever the result is (`kernels/euclidean.hpp`).
namespace sigmagrad::engine {

/// The lengths of the vectors along the axis. Where one is 0, its gradient is taken as 0, and so are all further
/// derivatives; infinite entries have the gradient NaN, and finite ones beside them 0.
Tensor euclidean_norm(const Tensor& x, int axis, bool keepdim = false);

/// x size / length for each vector along the axis, and 0 where `length` is 0; these two have x's shape but for the
/// axis, which is 1. In range wherever the result is.
Tensor with_length(const Tensor& x, const Tensor& length, const Tensor& size, int axis);

/// The root of a^2 + b^2, without history.
Tensor hypotenuse(const Tensor& a, const Tensor& b);
Tensor hypotenuse(const Tensor& a, Scalar b);

/// For each entry the constant power of two that brings it near 1; 1 for 0, infinities and NaN.
Tensor scales_for(const Tensor& largest);

}  // namespace sigmagrad::engine
