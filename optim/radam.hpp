// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>

#include <sigmagrad/optim/optimizer_with.hpp>

namespace sigmagrad::optim {

struct RAdamOptions {
  double lr = 1e-3;
  std::array<double, 2> betas = {0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 0.0;
  bool decoupled_weight_decay = false;
  Tensor lr_scale{};  // factors [M] of the rate, one a model along the first axis of each parameter
  void check() const;
};

/// Parameters whose options differ from the optimiser's in what is given here.
struct RAdamGroup {
  std::vector<Tensor> params;
  std::optional<double> lr{};
  std::optional<std::array<double, 2>> betas{};
  std::optional<double> eps{}, weight_decay{};
  std::optional<bool> decoupled_weight_decay{};
  Tensor lr_scale{};
  RAdamOptions over(RAdamOptions options) const;
};

/// Rectified Adam (Liu et al. 2020, algorithm 2), in PyTorch's convention, with Adam's m and v:
///   rho = 2 / (1 - b2) - 1;  rho_t = rho - 2 t b2^t / (1 - b2^t);
///   p <- p - lr r_t m / (1 - b1^t) sqrt(1 - b2^t) / (sqrt(v) + eps), where rho_t > 5, with
///   r_t^2 = (rho_t - 4) (rho_t - 2) rho / ((rho - 4) (rho - 2) rho_t); before that p <- p - lr m / (1 - b1^t).
/// The weight decay joins the gradient, or decoupled p <- (1 - lr weight_decay) p before the step. A gradient with an
/// entry that is NaN, or whose square is infinite, is an Error before anything is changed.
class RAdam : public OptimizerWith<RAdamOptions, RAdamGroup> {
 public:
  using OptimizerWith::OptimizerWith;

 protected:
  void check(std::size_t number, const Tensor& parameter, const Tensor& grad, State& state,
             const Group& group) override;
  void update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) override;
};

}  // namespace sigmagrad::optim
