// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/operations/pooling.hpp>
#include <sigmagrad/nn/layer.hpp>

// Pools of images [..., height, width]: layers without parameters.
namespace sigmagrad::nn {

/// `max_pool2d`.
class MaxPool2d : public Layer {
 public:
  using Options = MaxPool2dOptions;

  /// Error if the window or an option makes no sense, whatever the images.
  explicit MaxPool2d(Pair window, Options options = {});
  Tensor operator()(const Tensor& x) const { return hooked(x, max_pool2d(x, window_, options_)); }
  Pair window() const { return window_; }
  const Options& options() const { return options_; }

 private:
  Pair window_;
  Options options_;
};

/// `avg_pool2d`.
class AvgPool2d : public Layer {
 public:
  using Options = AvgPool2dOptions;

  /// Error if the window or an option makes no sense, whatever the images.
  explicit AvgPool2d(Pair window, Options options = {});
  Tensor operator()(const Tensor& x) const { return hooked(x, avg_pool2d(x, window_, options_)); }
  Pair window() const { return window_; }
  const Options& options() const { return options_; }

 private:
  Pair window_;
  Options options_;
};

/// `adaptive_avg_pool2d`: whatever their size, images become `size`. A size of 1 is the mean of the whole image.
class AdaptiveAvgPool2d : public Layer {
 public:
  explicit AdaptiveAvgPool2d(Pair size);
  Tensor operator()(const Tensor& x) const { return hooked(x, adaptive_avg_pool2d(x, size_)); }
  Pair size() const { return size_; }

 private:
  Pair size_;
};

}  // namespace sigmagrad::nn
