// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <sigmagrad/autograd/grad_mode.hpp>
#include <sigmagrad/autograd/tensor.hpp>
#include <sigmagrad/io/named_tensors.hpp>
#include <string_view>
#include <utility>
#include <vector>

namespace sigmagrad::optim {

/// Parameters that share a learning rate: `Adam({{.params = head.parameters(), .lr = 1e-2}, ...}, options)`.
struct GroupOptions {
  std::vector<Tensor> params;
  std::optional<double> lr{};  // the optimiser's own unless given
};

/// A parameter group as the optimiser holds it.
class Group {
 public:
  /// Throws Error for a negative lr or NaN, as set_lr does.
  Group(std::vector<Tensor> params, double lr);
  const std::vector<Tensor>& params() const { return params_; }
  /// Read whenever an expression with it runs, so that schedules reach captured steps too.
  Scalar lr() const { return Scalar::reference(*lr_); }
  void set_lr(double lr);

 private:
  friend class Optimizer;
  std::vector<Tensor> params_;
  std::unique_ptr<double> lr_;  // its address must not change
};

/// What an optimiser remembers of one parameter: how many updates it has had, and tensors by name.
class State {
 public:
  std::int64_t step = 0;  // 1 during the first update
  /// The tensor of that name: zeros of that shape, or like `parameter`, at the first request.
  Tensor zeros(std::string_view name, const Shape& shape, Dtype dtype);
  Tensor zeros(std::string_view name, const Tensor& parameter) {
    return zeros(name, parameter.shape(), parameter.dtype());
  }
  const NamedTensors& tensors() const { return tensors_; }

 private:
  friend class Optimizer;
  NamedTensors tensors_;
};

/// Base of the optimisers. It owns groups, the loop over parameters and their state; an optimiser is one `update`.
class Optimizer {
 public:
  using Group = optim::Group;  // for the signature of `update` in other namespaces
  using State = optim::State;

  virtual ~Optimizer() = default;
  /// Updates every parameter that has a gradient, then runs the hooks.
  void step();
  void zero_grad();
  /// Adds what every `step` does at its end, under NoGrad: projections, proximal steps, averages. What it does with
  /// tensor operations is part of a captured step.
  void after_step(std::function<void(Optimizer&)> hook) { hooks_.push_back(std::move(hook)); }
  void after_step(std::function<void()> hook) {
    after_step([hook = std::move(hook)](Optimizer&) { hook(); });
  }

  /// A copy of everything that is not an option: "0.step" and "0.momentum_buffer" of the first parameter, ...,
  /// "group.0.lr".
  NamedTensors state_dict() const;
  /// Goes on where the other left off. Error, with nothing changed, naming an entry that is missing, unknown, or of
  /// another shape. What a parameter that was never updated needs is found by an update of a copy of it.
  void load_state_dict(const NamedTensors& saved);

  std::vector<Group>& groups() { return groups_; }
  const std::vector<Group>& groups() const { return groups_; }

 protected:
  /// Throws Error for a parameter that is not a leaf requiring grad, or occurs twice.
  Optimizer(std::vector<Tensor> params, double lr);
  Optimizer(std::vector<GroupOptions> groups, double lr);

  /// One update of one parameter, in place. Runs under NoGrad, and asks for the same tensors of `state` every time,
  /// zeros when `state.step` is 1.
  virtual void update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) = 0;

 private:
  void adopt_parameters();
  template <class Self, class F>
  static void each_parameter(Self& self, F f);
  NamedTensors new_tensors(const Tensor& parameter, const Group& group);

  std::vector<Group> groups_;
  std::deque<State> states_;  // in the groups' order
  std::vector<std::function<void(Optimizer&)>> hooks_;
};

}  // namespace sigmagrad::optim
