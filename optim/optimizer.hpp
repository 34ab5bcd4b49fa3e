// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/tensor/tensor.hpp>
#include <sigmagrad/io/named_tensors.hpp>
#include <sigmagrad/optim/group.hpp>

namespace sigmagrad::optim {

/// Number of updates that a parameter has had. Reading it in the body of a captured step is an Error, for a replay
/// would not: a correction that depends on it counts in a tensor, `state.buffer("count", {}, f64).add_(1.0)`.
class StepCount {
 public:
  operator std::int64_t() const;
  /// For kernels, which run at every replay.
  const std::int64_t* address() const { return &count_; }

 private:
  friend class Optimizer;
  std::int64_t count_ = 0;
};

/// A tensor that an optimiser remembers. It changes in place, `m.mul_(0.9).add_(grad)`: `m = 0.9 * m + grad` does not
/// compile, for the optimiser would go on with the old value.
class StateBuffer : public Tensor {
 public:
  explicit StateBuffer(const Tensor& tensor) : Tensor(tensor) {}
  StateBuffer(const StateBuffer&) = default;
  ~StateBuffer() = default;
  StateBuffer& operator=(const StateBuffer&) = delete;  // a buffer changes in place: copy_, mul_, add_
  StateBuffer& operator=(const Tensor&) = delete;       // a buffer changes in place: copy_, mul_, add_
};

/// What an optimiser remembers of one parameter: how many updates it has had, and tensors by name.
class State {
 public:
  StepCount step;  // 1 during the first update
  /// The tensor of that name. The first request makes it: zeros of that shape, or of the shape of `parameter`.
  StateBuffer buffer(std::string_view name, const Shape& shape, Dtype dtype);
  StateBuffer buffer(std::string_view name, const Tensor& parameter) {
    return buffer(name, parameter.shape(), parameter.dtype());
  }
  const NamedTensors& tensors() const { return tensors_; }

 private:
  friend class Optimizer;
  NamedTensors tensors_;
};

/// Base of the optimisers. It owns groups, the loop over parameters and their state; an optimiser is one `update`.
/// Where groups are to override more options than the rate, the base is OptimizerWith.
class Optimizer {
 public:
  using Group = optim::Group;  // for the signature of `update` in other namespaces
  using State = optim::State;

  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;
  /// Updates every parameter that has a gradient, then runs the hooks. Error, with nothing changed, for a gradient
  /// after which what the optimiser keeps would not be finite: NaN, infinity, or of a size whose square is. SGD takes
  /// any.
  void step();
  void zero_grad();
  /// Adds what every `step` does first, under NoGrad, before anything is changed: what a kernel of it throws refuses
  /// the step.
  void before_step(std::function<void()> check);
  /// Adds what every `step` does at its end, under NoGrad: projections, proximal steps, averages. What it does with
  /// tensor operations is part of a captured step.
  void after_step(std::function<void(Optimizer&)> hook);
  void after_step(std::function<void()> hook) {
    after_step([hook = std::move(hook)](Optimizer&) { hook(); });
  }

  /// A copy of everything that is not an option: "0.step" and "0.momentum_buffer" of the first parameter, ...,
  /// "group.0.lr".
  virtual NamedTensors state_dict() const;
  /// Goes on where the other left off. Error, with nothing changed, naming an entry that is missing, unknown, or of
  /// another shape. State of a parameter that was never updated is created by an update of a copy of it.
  virtual void load_state_dict(const NamedTensors& saved);

  std::span<Group> groups() { return groups_; }
  std::span<const Group> groups() const { return groups_; }

 protected:
  /// Throws Error where no parameter requires grad, or one is the result of an operation or occurs twice. Frozen ones
  /// are left alone until they require grad. Many models at once have a rate each by GroupOptions::lr_scale.
  Optimizer(std::vector<Tensor> params, double lr);
  Optimizer(std::vector<GroupOptions> groups, double lr);

  /// Throws Error for a gradient that `update` must not see; parameters are numbered as in `state_dict`. Called for
  /// every parameter that has one before the first update, under NoGrad; what it asks of `state` are all the tensors
  /// that `update` asks for, or none.
  virtual void check(std::size_t number, const Tensor& parameter, const Tensor& grad, State& state, const Group& group);

  /// One update of one parameter. Runs under NoGrad, and asks for the same tensors of `state` every time, zeros when
  /// `state.step` is 1. Everything is changed in place: `p.sub_(...)` and `m.mul_(0.9).add_(grad)`, for `p = p - ...`
  /// makes the handle one to another tensor.
  virtual void update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) = 0;

  /// For an optimiser with a `step` of its own: what it does first, and last.
  void run_checks();
  void run_hooks();

 private:
  void adopt_parameters();
  template <class Self, class F>
  static void each_parameter(Self& self, F f);
  NamedTensors new_tensors(const Tensor& parameter, const Group& group);

  std::vector<Group> groups_;
  std::deque<State> states_;  // in the groups' order
  std::vector<std::function<void()>> step_checks_;
  std::deque<std::function<void(Optimizer&)>> hooks_;
  bool checks_ = true;  // until it is found that `check` does nothing
};

}  // namespace sigmagrad::optim
