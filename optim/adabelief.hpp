// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>

#include <sigmagrad/optim/optimizer_with.hpp>

namespace sigmagrad::optim {

struct AdaBeliefOptions {
  double lr = 1e-3;
  std::array<double, 2> betas = {0.9, 0.999};
  double eps = 1e-16;
  double weight_decay = 0.0;
  bool decoupled_weight_decay = true;
  bool rectify = true;
  Tensor lr_scale{};  // factors [M] of the rate, one a model along the first axis of each parameter
  void check() const;
};

/// Parameters whose options differ from the optimiser's in what is given here.
struct AdaBeliefGroup {
  std::vector<Tensor> params;
  std::optional<double> lr{};
  std::optional<std::array<double, 2>> betas{};
  std::optional<double> eps{}, weight_decay{};
  std::optional<bool> decoupled_weight_decay{}, rectify{};
  Tensor lr_scale{};
  AdaBeliefOptions over(AdaBeliefOptions options) const;
};

/// AdaBelief (Zhuang et al. 2020, algorithm 2), with the conventions and defaults of its authors' program 0.2:
///   m <- b1 m + (1 - b1) g;  s <- b2 s + (1 - b2) (g - m)^2 + eps;
///   p <- p - lr m / (1 - b1^t) / (sqrt(s / (1 - b2^t)) + eps), or if `rectify`, with r_t and rho_t as in RAdam,
///   p <- p - lr r_t m / (1 - b1^t) sqrt(1 - b2^t) / (sqrt(s) + eps) where rho_t >= 5, else p - lr m / (1 - b1^t).
/// The weight decay is p <- (1 - lr weight_decay) p before the step, or joins the gradient. A gradient with an entry
/// that is NaN, or so large that s may become infinite, is an Error before anything is changed.
class AdaBelief : public OptimizerWith<AdaBeliefOptions, AdaBeliefGroup> {
 public:
  using OptimizerWith::OptimizerWith;

 protected:
  void check(std::size_t number, const Tensor& parameter, const Tensor& grad, State& state,
             const Group& group) override;
  void update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) override;
};

}  // namespace sigmagrad::optim
