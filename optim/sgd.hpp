// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/optim/optimizer.hpp>

namespace sigmagrad::optim {

struct SGDOptions {
  double lr = 1e-3;
  double momentum = 0.0;
  double dampening = 0.0;
  double weight_decay = 0.0;
  bool nesterov = false;
};

/// Stochastic gradient descent, in PyTorch's convention:
///   g <- grad + weight_decay p;  b <- momentum b + (1 - dampening) g (b = g at the first step);
///   p <- p - lr b, or with Nesterov p <- p - lr (g + momentum b).
class SGD : public Optimizer {
 public:
  using Options = SGDOptions;
  SGD(std::vector<Tensor> params, Options options = {});
  SGD(std::vector<GroupOptions> groups, Options options = {});

 protected:
  void update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) override;

 private:
  Options options_;
};

}  // namespace sigmagrad::optim
