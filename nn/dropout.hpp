// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/nn/layer.hpp>

namespace sigmagrad::nn {

struct DropoutOptions {
  double p = 0.5;
};

/// In training each entry is 0 with probability p and x / (1 - p) otherwise, so that its mean is x; x itself after
/// `eval()` (Srivastava et al. 2014). A dropped entry is 0 and has gradient 0 even if it is infinite or NaN. Draws from
/// the thread's generator. A captured step draws at every call.
class Dropout : public Layer {
 public:
  using Options = DropoutOptions;

  explicit Dropout(Options options = {});
  explicit Dropout(double p) : Dropout(Options{p}) {}
  Tensor operator()(const Tensor& x) const;

 private:
  double p_;
};

}  // namespace sigmagrad::nn
