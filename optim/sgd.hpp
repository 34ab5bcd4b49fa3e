// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/optim/optimizer_with.hpp>

namespace sigmagrad::optim {

struct SGDOptions {
  double lr = 1e-3;
  double momentum = 0.0;
  double dampening = 0.0;
  double weight_decay = 0.0;
  bool nesterov = false;
  Tensor lr_scale{};  // factors [M] of the rate, one a model along the first axis of each parameter
  void check() const;
};

/// Parameters whose options differ from the optimiser's in what is given here.
struct SGDGroup {
  std::vector<Tensor> params;
  std::optional<double> lr{}, momentum{}, dampening{}, weight_decay{};
  std::optional<bool> nesterov{};
  Tensor lr_scale{};
  SGDOptions over(SGDOptions options) const;
};

/// Stochastic gradient descent, in PyTorch's convention:
///   g <- grad + weight_decay p;  b <- momentum b + (1 - dampening) g (b = g at the first step);
///   p <- p - lr b, or with Nesterov p <- p - lr (g + momentum b).
class SGD : public OptimizerWith<SGDOptions, SGDGroup> {
 public:
  using OptimizerWith::OptimizerWith;

 protected:
  void update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) override;
};

}  // namespace sigmagrad::optim
