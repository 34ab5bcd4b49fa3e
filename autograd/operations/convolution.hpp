// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/options.hpp>
#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad {

/// Images [N, C, H, W] under kernels: y[n, o, i, j] = bias[o] + the sum over c, k, l of weight[o, c, k, l] times
/// x[n, c, i stride + k dilation - padding, j stride + l dilation - padding], which is 0 outside of the image. `weight`
/// is [out, C / groups, kh, kw] and `bias` [out], or undefined. One image [C, H, W] gives one result. A weight with
/// further axes in front is that of several models: x has the same axes in front of N, or is one [N, C, H, W] for all.
/// The zeros outside count as entries do: an infinite weight, or gradient, makes NaN of them.
///
/// A sample's bits do not depend on the samples beside it, and those of the weight's gradient on nothing but shapes and
/// entries. Error where the kernel is larger than the padded image, or channels do not fit.
Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias, Conv2dOptions options = {});

}  // namespace sigmagrad
