// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/optim/optimizer.hpp>

namespace sigmagrad::optim {

/// What Adam and its relatives have in common.
template <class Options>
void check_adam_options(const char* name, const Options& o) {
  if (!(o.lr >= 0.0)) engine::fail("{}: lr must be >= 0 (got {})", name, o.lr);
  for (const double beta : o.betas)
    if (!(beta >= 0.0 && beta < 1.0)) engine::fail("{}: betas must be in [0, 1) (got {})", name, beta);
  if (!(o.eps >= 0.0)) engine::fail("{}: eps must be >= 0 (got {})", name, o.eps);
  if (!(o.weight_decay >= 0.0)) engine::fail("{}: weight_decay must be >= 0 (got {})", name, o.weight_decay);
}

/// Options of Adam's step: one of the two decays is 0.
struct AdamStep {
  std::array<double, 2> betas;
  double eps, coupled_decay, decoupled_decay;
  bool amsgrad;
};

void adam_update(const Tensor& parameter, const Tensor& grad, State& state, const Group& group,
                 const AdamStep& options);

}  // namespace sigmagrad::optim
