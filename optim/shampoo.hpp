// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/optim/optimizer_with.hpp>

namespace sigmagrad::optim {

struct ShampooOptions {
  double lr = 0.1;
  double momentum = 0.0;
  double weight_decay = 0.0;
  double eps = 1e-4;
  int update_every = 1;  // steps from one computation of the roots to the next
  Tensor lr_scale{};     // factors [M] of the rate, one a model along the first axis of each parameter
  void check() const;
};

/// Parameters whose options differ from the optimiser's in what is given here.
struct ShampooGroup {
  std::vector<Tensor> params;
  std::optional<double> lr{}, momentum{}, weight_decay{}, eps{};
  std::optional<int> update_every{};
  Tensor lr_scale{};
  ShampooOptions over(ShampooOptions options) const;
};

/// Shampoo (Gupta, Koren and Singer 2018, algorithm 1), for matrices [..., m, n], each alone: with G = grad +
/// weight_decay p and L, R starting at eps I,
///   L <- L + G G';  R <- R + G' G;  D = L^(-1/4) G R^(-1/4);  p <- p - lr D,
/// or with momentum b <- momentum b + D, p <- p - lr b. A vector is their case of order 1, D = L^(-1/2) g: a vector of
/// n entries keeps an n x n matrix. A gradient after which L or R would not be finite, for an entry that is NaN or
/// whose square is infinite, is an Error before anything is changed.
class Shampoo : public OptimizerWith<ShampooOptions, ShampooGroup> {
 public:
  using OptimizerWith::OptimizerWith;

 protected:
  void check(std::size_t number, const Tensor& parameter, const Tensor& grad, State& state,
             const Group& group) override;
  void update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) override;

 private:
  static Tensor matrices(const Tensor& parameter, const Tensor& grad, const Options& o);
  static Tensor inverse_root(State& state, const char* side, const Tensor& gram, double power, const Options& o);
};

}  // namespace sigmagrad::optim
