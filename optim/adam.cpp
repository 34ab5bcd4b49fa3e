// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/adam.hpp>

#include <sigmagrad/optim/detail/adam_step.hpp>
#include <sigmagrad/optim/detail/gradient_check.hpp>

namespace sigmagrad::optim {

void AdamOptions::check() const { check_adam_options("Adam", *this); }

void Adam::check(std::size_t number, const Tensor& parameter, const Tensor& grad, State&, const Group& group) {
  detail::refuse_infinite_squares({"Adam", number, parameter, grad}, options(group).weight_decay);
}

void Adam::update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) {
  const Options& o = options(group);
  adam_update(
      parameter, grad, state, group,
      {.betas = o.betas, .eps = o.eps, .coupled_decay = o.weight_decay, .decoupled_decay = 0.0, .amsgrad = o.amsgrad});
}

}  // namespace sigmagrad::optim
