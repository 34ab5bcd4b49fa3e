// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>

#include <sigmagrad/optim/optimizer_with.hpp>

namespace sigmagrad::optim {

struct AdamOptions {
  double lr = 1e-3;
  std::array<double, 2> betas = {0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 0.0;
  bool amsgrad = false;
  Tensor lr_scale{};  // factors [M] of the rate, one a model along the first axis of each parameter
  void check() const;
};

/// Parameters whose options differ from the optimiser's in what is given here; of Adam and AdamW.
template <class Options>
struct AdamGroupOf {
  std::vector<Tensor> params;
  std::optional<double> lr{};
  std::optional<std::array<double, 2>> betas{};
  std::optional<double> eps{}, weight_decay{};
  std::optional<bool> amsgrad{};
  Tensor lr_scale{};
  Options over(Options o) const {
    take_given(std::tie(o.lr, o.betas, o.eps, o.weight_decay, o.amsgrad, o.lr_scale),
               std::tie(lr, betas, eps, weight_decay, amsgrad, lr_scale));
    return o;
  }
};
using AdamGroup = AdamGroupOf<AdamOptions>;

/// Adam (Kingma and Ba 2015, algorithm 1), in PyTorch's convention:
///   g <- grad + weight_decay p;  m <- b1 m + (1 - b1) g;  v <- b2 v + (1 - b2) g^2;
///   p <- p - lr / (1 - b1^t) m / (sqrt(v / (1 - b2^t)) + eps), where amsgrad takes the largest v so far.
/// A gradient with an entry that is NaN, or whose square is infinite, is an Error before anything is changed. Where v
/// is 0 and eps is 0, a gradient of 0 makes the parameter NaN.
class Adam : public OptimizerWith<AdamOptions, AdamGroup> {
 public:
  using OptimizerWith::OptimizerWith;

 protected:
  void check(std::size_t number, const Tensor& parameter, const Tensor& grad, State& state,
             const Group& group) override;
  void update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) override;
};

}  // namespace sigmagrad::optim
