// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/nn/normalization.hpp>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::nn {
namespace {

void check_eps(const char* name, double eps) {
  if (!(eps >= 0.0)) engine::fail("{}: eps must be >= 0 (got {})", name, eps);
}

Tensor standardized(const Tensor& x, const Tensor& mean, const Tensor& var, double eps) {
  return (x - mean) / sqrt(var + eps);
}

// x less its first entry along the axis. What follows has the digits of the spread then, however large the mean is. It
// does not move with such a shift, which is therefore a constant to the gradient.
Tensor near_zero(const Tensor& x, int axis) { return x - x.narrow(axis, 0, 1).detach(); }

// The weight may be another one (`functional_call`): of another shape it would broadcast against the batch.
Tensor scaled(const char* name, const AffineLayer& layer, const Shape& shape, const Tensor& x) {
  for (const Tensor& parameter : {Tensor(layer.weight), Tensor(layer.bias)})
    if (parameter.defined() && parameter.shape() != shape)
      engine::fail("{}: weight and bias must be {}, got {}", name, shape.str(), parameter.shape().str());
  if (!layer.weight.defined()) return x;
  return layer.bias.defined() ? x * layer.weight + layer.bias : x * layer.weight;
}

}  // namespace

LayerNorm::LayerNorm(const Shape& normalized_shape, Options options) : shape_(normalized_shape), eps_(options.eps) {
  check_eps("LayerNorm", eps_);
  if (shape_.rank() == 0 || shape_.numel() == 0)
    engine::fail("LayerNorm: needs at least one axis, none of them empty, got {}", shape_.str());
  if (!options.elementwise_affine) return;
  weight = register_parameter("weight", ones(shape_, options.dtype));
  if (options.bias) bias = register_parameter("bias", zeros(shape_, options.dtype));
}

Tensor LayerNorm::operator()(const Tensor& x) const {
  const int leading = x.dim() - shape_.rank();
  if (leading < 0 || x.shape().tail(leading) != shape_)
    engine::fail("LayerNorm: the input must be [...] with the last axes {}, got {}", shape_.str(), x.shape().str());
  const Tensor rows = near_zero(x.reshape(x.shape().head(leading).inserted(leading, shape_.numel())), -1);
  const Tensor y = standardized(rows, mean(rows, -1, true), var(rows, -1, true, 0), eps_);
  return hooked(x, scaled("LayerNorm", *this, shape_, y.reshape(x.shape())));
}

BatchNorm1d::BatchNorm1d(std::int64_t channels, Options options) : channels_(channels), options_(options) {
  if (channels < 1) engine::fail("BatchNorm1d: channels must be >= 1 (got {})", channels);
  check_eps("BatchNorm1d", options.eps);
  if (options.affine) {
    weight = register_parameter("weight", ones({channels}, options.dtype));
    bias = register_parameter("bias", zeros({channels}, options.dtype));
  }
  if (!options.track_running_stats) return;
  running_mean = register_buffer("running_mean", zeros({channels}, options.dtype));
  running_var = register_buffer("running_var", ones({channels}, options.dtype));
  num_batches_tracked = register_buffer("num_batches_tracked", zeros({}, options.dtype));
}

void BatchNorm1d::track(const Tensor& mean, const Tensor& var) const {
  const NoGrad guard;
  Tensor(num_batches_tracked).add_(1.0);
  const Tensor step = options_.momentum ? full({}, *options_.momentum, mean.dtype()) : 1.0 / num_batches_tracked;
  Tensor(running_mean).mul_(1.0 - step).add_(step * mean);
  Tensor(running_var).mul_(1.0 - step).add_(step * var);
}

Tensor BatchNorm1d::operator()(const Tensor& x) const {
  if ((x.dim() != 2 && x.dim() != 3) || x.size(1) != channels_)
    engine::fail("BatchNorm1d: the input must be [batch, {0}] or [batch, {0}, length], got {1}", channels_,
                 x.shape().str());
  const bool sequence = x.dim() == 3;
  const Tensor last = sequence ? x.transpose(1, 2) : x;  // [batch, length, channels]
  const Tensor rows = last.reshape({-1, channels_});
  Tensor y;
  if (is_training() || !running_mean.defined()) {
    const std::int64_t n = rows.size(0);
    if (n < 2) engine::fail("BatchNorm1d: training needs more than one value a channel, got {}", x.shape().str());
    const Tensor around = near_zero(rows, 0), average = mean(around, 0), spread = var(around, 0, false, 0);
    if (is_training() && running_mean.defined())
      track(rows.select(0, 0).detach() + average.detach(),
            spread.detach() * (static_cast<double>(n) / static_cast<double>(n - 1)));
    y = standardized(around, average, spread, options_.eps);
  } else {
    y = standardized(rows, running_mean, running_var, options_.eps);
  }
  const Tensor result = scaled("BatchNorm1d", *this, {channels_}, y).reshape(last.shape());
  return hooked(x, sequence ? result.transpose(1, 2) : result);
}

}  // namespace sigmagrad::nn
