// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/options.hpp>
#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad {

/// (x - mean) / sqrt(var + eps) * weight + bias of x [N, C, ...], channel by channel (Ioffe and Szegedy 2015). In
/// training the mean and the variance over n = N ... entries are the batch's, and `mean` and `var` [C], unless they are
/// undefined, move towards them by `momentum`, `var` towards that over n - 1. Otherwise they are `mean` and `var`,
/// through which no gradient flows. `weight` and `bias` are [C], or undefined. Error in training where n is 1.
Tensor batch_norm(const Tensor& x, const Tensor& mean, const Tensor& var, const Tensor& weight, const Tensor& bias,
                  BatchNormMode mode = {});
/// (x - mean) / sqrt(var + eps) * weight + bias, with mean and variance (over n, not n - 1) of the last axes, whose
/// shape is `normalized`, at each place of the others (Ba, Kiros and Hinton 2016). `weight` and `bias` have that shape,
/// or are undefined.
Tensor layer_norm(const Tensor& x, const Shape& normalized, const Tensor& weight, const Tensor& bias,
                  LayerNormMode mode = {});

namespace engine {

/// Error under this name unless eps >= 0.
void check_eps(const char* name, double eps);

/// `batch_norm` under another name in its Errors, which moves the running mean and variance by a number [] that a
/// captured step reads anew, unless that is undefined.
Tensor batch_norm(const char* name, const Tensor& x, const Tensor& mean, const Tensor& var, const Tensor& weight,
                  const Tensor& bias, const BatchNormMode& mode, const Tensor& momentum);
Tensor layer_norm(const char* name, const Tensor& x, const Shape& normalized, const Tensor& weight, const Tensor& bias,
                  double eps);

}  // namespace engine
}  // namespace sigmagrad
