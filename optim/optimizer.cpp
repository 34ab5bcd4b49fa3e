// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/optimizer.hpp>

#include <cmath>
#include <set>

#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::optim {
namespace {

std::string lr_name(std::size_t group) { return "group." + std::to_string(group) + ".lr"; }
std::string entry_name(std::size_t parameter, std::string_view what) {
  return std::to_string(parameter) + "." + std::string(what);
}

// The number under that name; 0 where there is none to be read, of which copy_values will complain.
double saved_number(const NamedTensors& saved, const std::string& name) {
  return saved.contains(name) && saved[name].numel() == 1 ? saved[name].item() : 0.0;
}

double saved_lr(const NamedTensors& saved, const std::string& name) {
  const double lr = saved_number(saved, name);
  if (!(lr >= 0.0)) engine::fail("load_state_dict: \"{}\" must be >= 0 (got {})", name, lr);
  return lr;
}

std::int64_t saved_step(const NamedTensors& saved, const std::string& name) {
  const double step = saved_number(saved, name);
  if (!(step >= 0.0 && step < 0x1p53 && step == std::floor(step)))
    engine::fail("load_state_dict: \"{}\" must be a whole number >= 0 (got {})", name, step);
  return static_cast<std::int64_t>(step);
}

// Says while it lives that `update` runs.
class Updating {
 public:
  explicit Updating(bool& flag) : flag_(flag) { flag_ = true; }
  ~Updating() { flag_ = false; }
  Updating(const Updating&) = delete;
  Updating& operator=(const Updating&) = delete;

 private:
  bool& flag_;
};

}  // namespace

StepCount::operator std::int64_t() const {
  engine::refuse_in_capture("State::step", "count in a tensor, state.buffer(\"count\", {}, f64).add_(1.0)");
  return count_;
}

void Optimizer::before_step(std::function<void()> check) {
  step_checks_.push_back(std::move(check));
  ++engine::body_changes;  // captured steps are captured anew
}

void Optimizer::after_step(std::function<void(Optimizer&)> hook) {
  hooks_.push_back(std::move(hook));
  ++engine::body_changes;  // captured steps are captured anew
}

StateBuffer State::buffer(std::string_view name, const Shape& shape, Dtype dtype) {
  for (auto& [known, value] : tensors_) {
    if (known != name) continue;
    if (value.dtype() != dtype || value.shape() != shape)
      engine::fail("optimizer: \"{}\" of a parameter is {} {}, expected {} {}: was the model converted after a step?",
                   name, value.shape().str(), sigmagrad::name_of(value.dtype()), shape.str(),
                   sigmagrad::name_of(dtype));
    return StateBuffer(value);
  }
  const engine::NotCaptured once;
  return StateBuffer(tensors_.emplace_back(std::string(name), sigmagrad::zeros(shape, dtype)).second);
}

Optimizer::Optimizer(std::vector<Tensor> params, double lr) {
  groups_.emplace_back(GroupOptions{.params = std::move(params), .lr = lr}, 0);
  adopt_parameters();
}

Optimizer::Optimizer(std::vector<GroupOptions> groups, double lr) {
  for (auto& group : groups) {
    if (!group.lr) group.lr = lr;
    groups_.emplace_back(std::move(group), groups_.size());
  }
  adopt_parameters();
}

void Optimizer::adopt_parameters() {
  std::set<const void*> seen;
  bool trainable = false;
  for (const auto& group : groups_)
    for (const auto& parameter : group.params()) {
      if (parameter.requires_grad() && !parameter.impl().leaf)
        engine::fail("optimizer: a parameter of shape {} is not a leaf but the result of an operation",
                     parameter.shape().str());
      trainable = trainable || parameter.requires_grad();
      if (!seen.insert(&parameter.impl()).second)
        engine::fail("optimizer: a parameter of shape {} is given twice", parameter.shape().str());
    }
  if (!trainable) engine::fail("optimizer: none of {} parameters requires grad", seen.size());
  states_.resize(seen.size());
}

// f(number, parameter, its state, its group) for every parameter.
template <class Self, class F>
void Optimizer::each_parameter(Self& self, F f) {
  std::size_t number = 0;
  auto state = self.states_.begin();
  for (auto& group : self.groups_)
    for (auto& parameter : group.params_) f(number++, parameter, *state++, group);
}

// An optimiser that overrides nothing is asked in its first step alone.
void Optimizer::check(std::size_t, const Tensor&, const Tensor&, State&, const Group&) { checks_ = false; }

void Optimizer::step() {
  const NoGrad guard;
  run_checks();
  if (checks_)
    each_parameter(*this, [this](std::size_t number, const Tensor& parameter, State& state, const Group& group) {
      if (const Tensor grad = parameter.grad(); grad.defined()) check(number, parameter, grad, state, group);
    });
  each_parameter(*this, [this](std::size_t, Tensor& parameter, State& state, Group& group) {
    const Tensor grad = parameter.grad();
    if (!grad.defined()) return;
    engine::replay_changes(state.step.count_);
    engine::launch([count = &state.step.count_] { ++*count; });
    const auto* const before = &parameter.impl();
    const Updating updating(group.updating_);
    update(parameter, grad, state, group);
    if (&parameter.impl() != before)
      engine::fail(
          "optimizer: update made its parameter {} another tensor; change it in place: p.sub_(...), p.copy_(...)",
          parameter.shape().str());
  });
  run_hooks();
}

void Optimizer::run_checks() {
  for (const auto& check : step_checks_) check();
}

void Optimizer::run_hooks() {
  for (std::size_t i = 0, count = hooks_.size(); i < count; ++i) hooks_[i](*this);  // a hook may add another
}

void Optimizer::zero_grad() {
  each_parameter(*this, [](std::size_t, Tensor& parameter, State&, Group&) { parameter.zero_grad(); });
}

NamedTensors Optimizer::state_dict() const {
  engine::refuse_in_capture("state_dict", "take it between the calls");
  const NoGrad guard;
  NamedTensors result;
  each_parameter(*this, [&](std::size_t i, const Tensor&, const State& state, const Group&) {
    result.emplace_back(entry_name(i, "step"), full({}, static_cast<double>(state.step.count_)));
    if (state.step.count_ == 0) return;  // then they are zeros
    for (const auto& [name, value] : state.tensors_) result.emplace_back(entry_name(i, name), value.clone());
  });
  for (std::size_t i = 0; i < groups_.size(); ++i) result.emplace_back(lr_name(i), full({}, *groups_[i].lr_));
  return result;
}

NamedTensors Optimizer::new_tensors(const Tensor& parameter, const Group& group) {
  State state;
  state.step.count_ = 1;
  Tensor copy = zeros_like(parameter);
  update(copy, zeros_like(copy), state, group);
  return std::move(state.tensors_);
}

void Optimizer::load_state_dict(const NamedTensors& saved) {
  engine::refuse_in_capture("load_state_dict", "load between the calls");
  const NoGrad guard;
  NamedTensors expected;
  std::vector<std::int64_t> steps(states_.size());
  std::vector<NamedTensors> tensors(states_.size());
  std::vector<double> rates(groups_.size());
  each_parameter(*this, [&](std::size_t i, const Tensor& parameter, const State& state, const Group& group) {
    expected.emplace_back(entry_name(i, "step"), zeros({}));
    steps[i] = saved_step(saved, expected.back().first);
    tensors[i] = state.tensors_;
    if (steps[i] == 0) return;
    if (tensors[i].empty()) tensors[i] = new_tensors(parameter, group);
    for (const auto& [name, value] : tensors[i]) expected.emplace_back(entry_name(i, name), value);
  });
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    expected.emplace_back(lr_name(i), zeros({}));
    rates[i] = saved_lr(saved, expected.back().first);
  }
  copy_values("load_state_dict", expected, saved);

  each_parameter(*this, [&](std::size_t i, const Tensor&, State& state, const Group&) {
    state.step.count_ = steps[i];
    state.tensors_ = tensors[i];
    if (state.step.count_ == 0)
      for (auto& [name, value] : state.tensors_) value.zero_();
  });
  for (std::size_t i = 0; i < groups_.size(); ++i) *groups_[i].lr_ = rates[i];
}

}  // namespace sigmagrad::optim
