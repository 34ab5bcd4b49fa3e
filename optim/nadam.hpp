// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>

#include <sigmagrad/optim/optimizer_with.hpp>

namespace sigmagrad::optim {

struct NAdamOptions {
  double lr = 2e-3;
  std::array<double, 2> betas = {0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 0.0;
  double momentum_decay = 4e-3;
  bool decoupled_weight_decay = false;
  Tensor lr_scale{};  // factors [M] of the rate, one a model along the first axis of each parameter
  void check() const;
};

/// Parameters whose options differ from the optimiser's in what is given here.
struct NAdamGroup {
  std::vector<Tensor> params;
  std::optional<double> lr{};
  std::optional<std::array<double, 2>> betas{};
  std::optional<double> eps{}, weight_decay{}, momentum_decay{};
  std::optional<bool> decoupled_weight_decay{};
  Tensor lr_scale{};
  NAdamOptions over(NAdamOptions options) const;
};

/// Adam with Nesterov's momentum (Dozat 2016), in PyTorch's convention, with Adam's m and v of the gradient g:
///   mu_t = b1 (1 - 0.96^(t momentum_decay) / 2);  M_t = mu_1 ... mu_t;
///   p <- p - lr ((1 - mu_t) / (1 - M_t) g + mu_t+1 / (1 - M_t+1) m) / (sqrt(v / (1 - b2^t)) + eps).
/// The weight decay joins the gradient, or decoupled p <- (1 - lr weight_decay) p before the step. A gradient with an
/// entry that is NaN, or whose square is infinite, is an Error before anything is changed.
class NAdam : public OptimizerWith<NAdamOptions, NAdamGroup> {
 public:
  using OptimizerWith::OptimizerWith;

 protected:
  void check(std::size_t number, const Tensor& parameter, const Tensor& grad, State& state,
             const Group& group) override;
  void update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) override;
};

}  // namespace sigmagrad::optim
