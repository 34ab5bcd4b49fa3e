// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>

#include <sigmagrad/nn/layer.hpp>

namespace sigmagrad::nn {

struct LayerNormOptions {
  double eps = 1e-5;
  bool elementwise_affine = true;
  bool bias = true;
  Dtype dtype = f64;
};

/// (x - mean) / sqrt(var + eps) * weight + bias, with mean and variance (over n, not n - 1) of the last axes, those of
/// `normalized_shape`, at each place of the others (Ba, Kiros and Hinton 2016). `weight` and `bias` have that shape and
/// start at 1 and 0; without `elementwise_affine` there are none.
class LayerNorm : public AffineLayer {
 public:
  using Options = LayerNormOptions;

  explicit LayerNorm(const Shape& normalized_shape, Options options = {});
  explicit LayerNorm(std::int64_t size, Options options = {}) : LayerNorm(Shape{size}, options) {}
  Tensor operator()(const Tensor& x) const;
  LayerNorm clone() const { return nn::clone(*this); }

 private:
  Shape shape_;
  double eps_;
};

struct BatchNormOptions {
  double eps = 1e-5;
  std::optional<double> momentum = 0.1;  // none: the average over all batches so far
  bool affine = true;
  bool track_running_stats = true;
  Dtype dtype = f64;
};

/// (x - mean) / sqrt(var + eps) * weight + bias of x [batch, channels] or [batch, channels, length], channel by channel
/// (Ioffe and Szegedy 2015). In training mean and variance (over n, not n - 1) are those of the batch, and the buffers
/// running_mean and running_var move towards them by `momentum`, the latter towards the variance over n - 1. After
/// `eval()` they are the buffers. Without `track_running_stats` they are always the batch's. One value a channel is an
/// Error where the batch is what counts. `weight` and `bias` [channels] start at 1 and 0.
class BatchNorm1d : public AffineLayer {
 public:
  using Options = BatchNormOptions;

  explicit BatchNorm1d(std::int64_t channels, Options options = {});
  Tensor operator()(const Tensor& x) const;
  BatchNorm1d clone() const { return nn::clone(*this); }
  double eps() const { return options_.eps; }

  Buffer running_mean, running_var;  // [channels], undefined where they are not tracked
  Buffer num_batches_tracked;        // []

 private:
  std::int64_t channels_;
  Options options_;
};

}  // namespace sigmagrad::nn
