// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/optim/optimizer_with.hpp>

namespace sigmagrad::optim {

struct RMSpropOptions {
  double lr = 1e-2;
  double alpha = 0.99;
  double eps = 1e-8;
  double weight_decay = 0.0;
  double momentum = 0.0;
  bool centered = false;
  Tensor lr_scale{};  // factors [M] of the rate, one a model along the first axis of each parameter
  void check() const;
};

/// Parameters whose options differ from the optimiser's in what is given here.
struct RMSpropGroup {
  std::vector<Tensor> params;
  std::optional<double> lr{}, alpha{}, eps{}, weight_decay{}, momentum{};
  std::optional<bool> centered{};
  Tensor lr_scale{};
  RMSpropOptions over(RMSpropOptions options) const;
};

/// RMSprop (Tieleman and Hinton 2012, lecture 6.5), in PyTorch's convention:
///   g <- grad + weight_decay p;  v <- alpha v + (1 - alpha) g^2;  a <- alpha a + (1 - alpha) g where centered;
///   s = g / (sqrt(v) + eps), or with v - a^2 (Graves 2013, section 4.2) in v's place;
///   p <- p - lr s, or with momentum b <- momentum b + s, p <- p - lr b.
/// A gradient with an entry that is NaN, or whose square is infinite, is an Error before anything is changed. Where v
/// is 0 and eps is 0, a gradient of 0 makes the parameter NaN.
class RMSprop : public OptimizerWith<RMSpropOptions, RMSpropGroup> {
 public:
  using OptimizerWith::OptimizerWith;

 protected:
  void check(std::size_t number, const Tensor& parameter, const Tensor& grad, State& state,
             const Group& group) override;
  void update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) override;
};

}  // namespace sigmagrad::optim
