// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/optim/adam.hpp>

namespace sigmagrad::optim {

struct AdamWOptions {
  double lr = 1e-3;
  std::array<double, 2> betas = {0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 0.01;
  bool amsgrad = false;
};

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019), in PyTorch's convention: p <- (1 - lr weight_decay)
/// p, then Adam's step for the plain gradient, which refuses the same gradients.
class AdamW : public Adam {
 public:
  using Options = AdamWOptions;
  AdamW(std::vector<Tensor> params, Options options = {});
  AdamW(std::vector<GroupOptions> groups, Options options = {});
};

}  // namespace sigmagrad::optim
