// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/nn/layer.hpp>

namespace sigmagrad::nn {

/// Makes one axis of the axes first ... last: [batch, ...] -> [batch, entries].
class Flatten : public Layer {
 public:
  explicit Flatten(int first = 1, int last = -1) : first_(first), last_(last) {}
  Tensor operator()(const Tensor& x) const { return hooked(x, x.flatten(first_, last_)); }

 private:
  int first_, last_;
};

}  // namespace sigmagrad::nn
