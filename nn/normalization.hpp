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

/// (x - mean) / sqrt(var + eps) * weight + bias, channel by channel (Ioffe and Szegedy 2015). In training mean and
/// variance (over n, not n - 1) are those of the batch, and the buffers running_mean and running_var move towards them
/// by `momentum`, the latter towards the variance over n - 1. After `eval()` they are the buffers. Without
/// `track_running_stats` they are always the batch's. One value a channel is an Error where the batch is what counts.
/// `weight` and `bias` [channels] start at 1 and 0.
class BatchNorm : public AffineLayer {
 public:
  using Options = BatchNormOptions;

  Tensor operator()(const Tensor& x) const;
  double eps() const { return options_.eps; }

  Buffer running_mean, running_var;  // [channels], undefined where they are not tracked
  Buffer num_batches_tracked;        // []

 protected:
  /// The layer's name, and which inputs it takes: those with from `least` to `most` axes behind the channels.
  struct Form {
    const char* name;
    int least, most;
  };
  BatchNorm(const Form& form, std::int64_t channels, const Options& options);
  ~BatchNorm() = default;
  BatchNorm(const BatchNorm&) = default;
  BatchNorm(BatchNorm&&) noexcept = default;
  BatchNorm& operator=(const BatchNorm&) = default;
  BatchNorm& operator=(BatchNorm&&) noexcept = default;

 private:
  Form form_;
  std::int64_t channels_;
  Options options_;
};

/// The batch norm of [batch, channels] or [batch, channels, length].
class BatchNorm1d : public BatchNorm {
 public:
  explicit BatchNorm1d(std::int64_t channels, Options options = {})
      : BatchNorm({"BatchNorm1d", 0, 1}, channels, options) {}
  BatchNorm1d clone() const { return nn::clone(*this); }
};

/// The batch norm of images [batch, channels, height, width].
class BatchNorm2d : public BatchNorm {
 public:
  explicit BatchNorm2d(std::int64_t channels, Options options = {})
      : BatchNorm({"BatchNorm2d", 2, 2}, channels, options) {}
  BatchNorm2d clone() const { return nn::clone(*this); }
};

}  // namespace sigmagrad::nn
