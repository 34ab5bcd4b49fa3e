// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/options.hpp>
#include <sigmagrad/nn/layer.hpp>

namespace sigmagrad::nn {

/// How the kernel moves, as in `sigmagrad::Conv2dOptions`, and what it is made with.
struct Conv2dOptions {
  Pair stride = 1;
  Pair padding = 0;
  Pair dilation = 1;
  std::int64_t groups = 1;
  bool bias = true;
  Dtype dtype = f64;
};

/// `conv2d` of images [batch, in, height, width], or of one image [in, height, width], with `weight` [out, in / groups,
/// kh, kw] and `bias` [out]. A weight [models..., out, in / groups, kh, kw] with a bias [models..., out] is one layer
/// of each of many models: it maps [models..., batch, in, height, width], and [batch, in, height, width] that all see.
class Conv2d : public AffineLayer {
 public:
  using Options = Conv2dOptions;
  /// The weight's axes that belong to one pair of channels: as a matrix it is [..., out, in / groups kh kw].
  static constexpr int kernel_axes = 2;

  /// Entries uniform in +-1/sqrt(in / groups kh kw), as in PyTorch, from the thread's generator. Groups divide both
  /// numbers of channels.
  Conv2d(std::int64_t in, std::int64_t out, Pair kernel, Options options = {});
  /// With these parameters, the bias perhaps undefined, registered as `register_parameter` does.
  explicit Conv2d(const Tensor& weight, const Tensor& bias = Tensor(), sigmagrad::Conv2dOptions options = {});
  Tensor operator()(const Tensor& x) const;
  Conv2d clone() const { return nn::clone(*this); }
  const sigmagrad::Conv2dOptions& options() const { return options_; }

 private:
  sigmagrad::Conv2dOptions options_;
};

}  // namespace sigmagrad::nn
