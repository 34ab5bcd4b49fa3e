// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/nn/convolution.hpp>
#include <sigmagrad/nn/pooling.hpp>

// Lipschitz constants of layers of images, whatever the images' size.
namespace sigmagrad::nn::detail {

/// At least the operator norm of the convolution by kernels [..., out, in / groups, kh, kw]: [...].
Tensor convolution_bound(const Tensor& kernels, const sigmagrad::Conv2dOptions& options);
double pool_bound(const MaxPool2d& pool);
double pool_bound(const AvgPool2d& pool);

}  // namespace sigmagrad::nn::detail
