// SPDX-License-Identifier: BSD-3-Clause
#include <set>
#include <sigmagrad/autograd/creation.hpp>
#include <sigmagrad/autograd/detail/fail.hpp>
#include <sigmagrad/autograd/detail/launch.hpp>
#include <sigmagrad/optim/optimizer.hpp>

namespace sigmagrad::optim {
namespace {

double checked(double lr) {
  if (!(lr >= 0.0)) detail::fail("optimizer: lr must be >= 0 (got {})", lr);
  return lr;
}

}  // namespace

Tensor State::zeros(std::string_view name, const Tensor& parameter) {
  for (auto& [known, value] : tensors_)
    if (known == name) return value;
  const detail::NotRecorded once;
  return tensors_.emplace_back(std::string(name), zeros_like(parameter)).second;
}

Group::Group(std::vector<Tensor> params, double lr)
    : params_(std::move(params)), lr_(std::make_unique<double>(checked(lr))) {}

void Group::set_lr(double lr) {
  detail::refuse_in_capture("set_lr", "set it between the calls");
  *lr_ = checked(lr);
}

Optimizer::Optimizer(std::vector<Tensor> params, double lr) {
  groups_.emplace_back(std::move(params), lr);
  adopt_parameters();
}

Optimizer::Optimizer(std::vector<GroupOptions> groups, double lr) {
  for (auto& group : groups) groups_.emplace_back(std::move(group.params), group.lr.value_or(lr));
  adopt_parameters();
}

void Optimizer::adopt_parameters() {
  std::set<const void*> seen;
  for (const auto& group : groups_)
    for (const auto& parameter : group.params()) {
      if (!parameter.impl().leaf)
        detail::fail("optimizer: a parameter of shape {} is not a leaf that requires grad", parameter.shape().str());
      if (!seen.insert(&parameter.impl()).second)
        detail::fail("optimizer: a parameter of shape {} is given twice", parameter.shape().str());
    }
  states_.resize(seen.size());
}

void Optimizer::step() {
  const NoGrad guard;
  auto next = states_.begin();
  for (auto& group : groups_)
    for (Tensor& parameter : group.params_) {
      State& state = *next++;
      const Tensor grad = parameter.grad();
      if (!grad.defined()) continue;
      detail::launch([&state] { ++state.step; });
      update(parameter, grad, state, group);
    }
}

void Optimizer::zero_grad() {
  for (auto& group : groups_)
    for (Tensor& parameter : group.params_) parameter.zero_grad();
}

}  // namespace sigmagrad::optim
