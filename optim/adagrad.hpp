// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/optim/optimizer.hpp>

namespace sigmagrad::optim {

struct AdagradOptions {
  double lr = 1e-2;
  double lr_decay = 0.0;
  double weight_decay = 0.0;
  double initial_accumulator_value = 0.0;
  double eps = 1e-10;
};

/// Adagrad (Duchi, Hazan and Singer 2011), in PyTorch's convention:
///   g <- grad + weight_decay p;  v <- v + g^2, from initial_accumulator_value on;
///   p <- p - lr / (1 + (t - 1) lr_decay) g / (sqrt(v) + eps).
/// A gradient after which an entry of v would be infinite or NaN is an Error before anything is changed. Where v is 0
/// and eps is 0, a gradient of 0 makes the parameter NaN.
class Adagrad : public Optimizer {
 public:
  using Options = AdagradOptions;
  Adagrad(std::vector<Tensor> params, Options options = {});
  Adagrad(std::vector<GroupOptions> groups, Options options = {});

 protected:
  void check(std::size_t number, const Tensor& parameter, const Tensor& grad, State& state,
             const Group& group) override;
  void update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) override;

 private:
  Options options_;
};

}  // namespace sigmagrad::optim
