// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/nn/layer.hpp>

namespace sigmagrad::nn {

struct LinearOptions {
  bool bias = true;
  Dtype dtype = f64;
};

/// y = x W' + b: [..., in] -> [..., out], with `weight` W [out, in] and `bias` b [out]. A weight [models..., out, in]
/// with a bias [models..., out] is one layer of each of many models: it maps [models..., batch, in] to
/// [models..., batch, out], and [batch, in] that all models see likewise.
class Linear : public AffineLayer {
 public:
  using Options = LinearOptions;

  /// Entries uniform in +-1/sqrt(in), as in PyTorch (Kaiming uniform with a = sqrt(5)), from the thread's generator.
  Linear(std::int64_t in, std::int64_t out, Options options = {});
  /// With these parameters, the bias perhaps undefined, registered as `register_parameter` does.
  explicit Linear(const Tensor& weight, const Tensor& bias = Tensor());
  Tensor operator()(const Tensor& x) const;
  Linear clone() const { return nn::clone(*this); }
};

}  // namespace sigmagrad::nn
