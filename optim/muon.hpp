// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/optim/optimizer_with.hpp>

namespace sigmagrad::optim {

struct MuonOptions {
  double lr = 0.02;
  double momentum = 0.95;
  bool nesterov = true;
  int ns_steps = 5;
  double weight_decay = 0.0;
  bool exact = false;  // the polar factor U V' itself instead of ns_steps of its iteration
  Tensor lr_scale{};   // factors [M] of the rate, one a model along the first axis of each parameter
  void check() const;
};

/// Parameters whose options differ from the optimiser's in what is given here.
struct MuonGroup {
  std::vector<Tensor> params;
  std::optional<double> lr{}, momentum{};
  std::optional<bool> nesterov{};
  std::optional<int> ns_steps{};
  std::optional<double> weight_decay{};
  std::optional<bool> exact{};
  Tensor lr_scale{};
  MuonOptions over(MuonOptions options) const;
};

/// Muon (Jordan 2024, "Muon: an optimizer for hidden layers in neural networks"), for matrices [..., m, n], each alone:
///   b <- momentum b + grad;  O = polar factor of b, or with Nesterov of grad + momentum b;
///   p <- (1 - lr weight_decay) p - lr sqrt(max(1, m / n)) O.
/// O comes from ns_steps of X <- 3.4445 X - 4.7750 (X X') X + 2.0315 (X X')^2 X, from the matrix over its Frobenius
/// norm on (over that alone: a tiny gradient counts as much as a large one), whose singular values end between some 0.7
/// and 1.2. `exact` takes U V' of the singular value decomposition, without the directions of singular values that are
/// zero up to rounding. A gradient of zeros moves nothing but the old b. One with an entry that is NaN, or so large
/// that b may become infinite, is an Error before anything is changed. Other tensors (biases, vectors) are an Error:
/// they belong in another optimiser, as do a network's first and last layer in Jordan's experience.
class Muon : public OptimizerWith<MuonOptions, MuonGroup> {
 public:
  using OptimizerWith::OptimizerWith;

 protected:
  void check(std::size_t number, const Tensor& parameter, const Tensor& grad, State& state,
             const Group& group) override;
  void update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) override;
};

}  // namespace sigmagrad::optim
