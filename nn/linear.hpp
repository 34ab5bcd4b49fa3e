// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/nn/module.hpp>

namespace sigmagrad::nn {

struct LinearOptions {
  bool bias = true;
  Dtype dtype = f64;
};

/// y = x W' + b: [..., in] -> [..., out].
class Linear : public Module {
 public:
  using Options = LinearOptions;

  /// Entries uniform in +-1/sqrt(in), as in PyTorch (Kaiming uniform with a = sqrt(5)), from the thread's generator.
  Linear(std::int64_t in, std::int64_t out, Options options = {});
  /// With these parameters, [out, in] and [out] or undefined, registered as `register_parameter` does.
  explicit Linear(const Tensor& weight, const Tensor& bias = Tensor());
  Tensor operator()(const Tensor& x) const;
  Linear clone() const { return nn::clone(*this); }

  Tensor weight;  // [out, in]
  Tensor bias;    // [out], undefined without bias
};

}  // namespace sigmagrad::nn
