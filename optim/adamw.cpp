// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/adamw.hpp>

#include <sigmagrad/optim/detail/adam_step.hpp>
#include <sigmagrad/optim/detail/gradient_check.hpp>

namespace sigmagrad::optim {

void AdamWOptions::check() const { check_adam_options("AdamW", *this); }

void AdamW::check(std::size_t number, const Tensor& parameter, const Tensor& grad, State&, const Group&) {
  detail::refuse_infinite_squares({"AdamW", number, parameter, grad});
}

void AdamW::update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) {
  const Options& o = options(group);
  adam_update(
      parameter, grad, state, group,
      {.betas = o.betas, .eps = o.eps, .coupled_decay = 0.0, .decoupled_decay = o.weight_decay, .amsgrad = o.amsgrad});
}

}  // namespace sigmagrad::optim
