// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/nn/normalization.hpp>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/in_place.hpp>
#include <sigmagrad/autograd/operations/normalization.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::nn {

LayerNorm::LayerNorm(const Shape& normalized_shape, Options options) : shape_(normalized_shape), eps_(options.eps) {
  engine::check_eps("LayerNorm", eps_);
  if (shape_.rank() == 0 || shape_.numel() == 0)
    engine::fail("LayerNorm: needs at least one axis, none of them empty, got {}", shape_.str());
  if (!options.elementwise_affine) return;
  weight = register_parameter("weight", ones(shape_, options.dtype));
  if (options.bias) bias = register_parameter("bias", zeros(shape_, options.dtype));
}

Tensor LayerNorm::operator()(const Tensor& x) const {
  return hooked(x, engine::layer_norm("LayerNorm", x, shape_, weight, bias, eps_));
}

BatchNorm::BatchNorm(const Form& form, std::int64_t channels, const Options& options)
    : form_(form), channels_(channels), options_(options) {
  if (channels < 1) engine::fail("{}: channels must be >= 1 (got {})", form.name, channels);
  engine::check_eps(form.name, options.eps);
  if (options.momentum && !(*options.momentum >= 0 && *options.momentum <= 1))
    engine::fail("{}: momentum must be from 0 to 1 (got {})", form.name, *options.momentum);
  if (options.affine) {
    weight = register_parameter("weight", ones({channels}, options.dtype));
    bias = register_parameter("bias", zeros({channels}, options.dtype));
  }
  if (!options.track_running_stats) return;
  running_mean = register_buffer("running_mean", zeros({channels}, options.dtype));
  running_var = register_buffer("running_var", ones({channels}, options.dtype));
  num_batches_tracked = register_buffer("num_batches_tracked", zeros({}, options.dtype));
}

Tensor BatchNorm::operator()(const Tensor& x) const {
  const int behind = x.dim() - 2;
  if (behind < form_.least || behind > form_.most || x.size(1) != channels_) {
    const bool images = form_.least == 2;
    engine::fail("{}: the input must be {}, got {}", form_.name,
                 images ? fmt::format("[batch, {}, height, width]", channels_)
                        : fmt::format("[batch, {0}] or [batch, {0}, length]", channels_),
                 x.shape().str());
  }
  const bool training = is_training() || !running_mean.defined();
  const BatchNormMode mode{.training = training, .momentum = options_.momentum.value_or(0.0), .eps = options_.eps};
  const bool tracks = training && running_mean.defined();
  Tensor momentum;  // where it is that of the average over all batches, which a captured step must compute anew
  if (tracks && !options_.momentum) momentum = 1.0 / (num_batches_tracked + 1.0);
  const Tensor y = engine::batch_norm(form_.name, x, running_mean, running_var, weight, bias, mode, momentum);
  if (tracks) Tensor(num_batches_tracked).add_(1.0);
  return hooked(x, y);
}

}  // namespace sigmagrad::nn
