// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/optim/optimizer_with.hpp>

namespace sigmagrad::optim {

struct AdagradOptions {
  double lr = 1e-2;
  double lr_decay = 0.0;
  double weight_decay = 0.0;
  double initial_accumulator_value = 0.0;
  double eps = 1e-10;
  Tensor lr_scale{};  // factors [M] of the rate, one a model along the first axis of each parameter
  void check() const;
};

/// Parameters whose options differ from the optimiser's in what is given here.
struct AdagradGroup {
  std::vector<Tensor> params;
  std::optional<double> lr{}, lr_decay{}, weight_decay{}, initial_accumulator_value{}, eps{};
  Tensor lr_scale{};
  AdagradOptions over(AdagradOptions options) const;
};

/// Adagrad (Duchi, Hazan and Singer 2011), in PyTorch's convention:
///   g <- grad + weight_decay p;  v <- v + g^2, from initial_accumulator_value on;
///   p <- p - lr / (1 + (t - 1) lr_decay) g / (sqrt(v) + eps).
/// A gradient after which an entry of v would be infinite or NaN is an Error before anything is changed. Where v is 0
/// and eps is 0, a gradient of 0 makes the parameter NaN.
class Adagrad : public OptimizerWith<AdagradOptions, AdagradGroup> {
 public:
  using OptimizerWith::OptimizerWith;

 protected:
  void check(std::size_t number, const Tensor& parameter, const Tensor& grad, State& state,
             const Group& group) override;
  void update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) override;
};

}  // namespace sigmagrad::optim
