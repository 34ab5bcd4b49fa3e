// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/optim/optimizer_with.hpp>

namespace sigmagrad::optim {

struct GroupRMSpropOptions {
  double lr = 1e-2;
  double alpha = 0.99;
  double eps = 1e-6;
  bool per_parameter = false;  // a rate for each parameter instead of one for its whole group
  int batch_axes = 0;          // leading axes of every parameter that count independent models, each with its own rates
  Tensor lr_scale{};           // factors [M] of the rate, one a model along the first axis of each parameter
  void check() const;
};

/// Parameters whose options differ from the optimiser's in what is given here.
struct GroupRMSpropGroup {
  std::vector<Tensor> params;
  std::optional<double> lr{}, alpha{}, eps{};
  std::optional<bool> per_parameter{};
  std::optional<int> batch_axes{};
  Tensor lr_scale{};
  GroupRMSpropOptions over(GroupRMSpropOptions options) const;
};

/// Gradient descent whose rate follows the size of the whole gradient, so that its direction stays: what Arora, Cohen,
/// Hu and Luo 2019 ("Implicit regularization in deep matrix factorization") train with, in their program's convention:
///   v <- alpha v + (1 - alpha) ||g||^2, with g all gradients of the group (or of the one parameter);
///   p <- p - lr / (sqrt(v / (1 - alpha^t)) + eps) g.
/// A gradient with an entry that is NaN or infinite, or so large that the group's squares may add up to infinity in
/// f64, is an Error before anything is changed.
class GroupRMSprop : public OptimizerWith<GroupRMSpropOptions, GroupRMSpropGroup> {
 public:
  using OptimizerWith::OptimizerWith;

 protected:
  void check(std::size_t number, const Tensor& parameter, const Tensor& grad, State& state,
             const Group& group) override;
  void update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) override;

 private:
  Tensor squares_;  // ||g||^2 of the group whose parameters are being updated, one a model
};

}  // namespace sigmagrad::optim
