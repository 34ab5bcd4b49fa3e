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
  Tensor lr_scale{};  // factors [M] of the rate, one a model along the first axis of each parameter
  void check() const;
};
using AdamWGroup = AdamGroupOf<AdamWOptions>;

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019), in PyTorch's convention: p <- (1 - lr weight_decay)
/// p, then Adam's step for the plain gradient, which refuses the same gradients.
class AdamW : public OptimizerWith<AdamWOptions, AdamWGroup> {
 public:
  using OptimizerWith::OptimizerWith;

 protected:
  void check(std::size_t number, const Tensor& parameter, const Tensor& grad, State& state,
             const Group& group) override;
  void update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) override;
};

}  // namespace sigmagrad::optim
