// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <sigmagrad/optim/detail/flow_system.hpp>
#include <sigmagrad/optim/gradient_flow.hpp>

namespace sigmagrad::optim::detail {

/// What both integrators share: where each trial is, what it reports on the way, and when it stops.
class FlowTrials {
 public:
  enum class Phase { Explicit, Stiff, Stopped };
  struct Trial {
    double t = 0.0, h = 0.0, loss = 0.0, grad_norm = 0.0;
    std::int64_t steps = 0, rejected = 0, stiff_steps = 0;
    std::size_t next_report = 0;
    int limited = 0;         // steps in a row at the limit of stability
    bool repeating = false;  // the last step was rejected
    Phase phase = Phase::Explicit;
    FlowStop reason = FlowStop::Time;
  };

  /// Throws Error where loss or gradient is not finite at the start, which is left in the parameters.
  FlowTrials(FlowSystem& system, const GradientFlowOptions& options);

  std::size_t count() const { return trials_.size(); }
  std::size_t size() const { return system_.size(); }
  Trial& operator[](std::size_t i) { return trials_[i]; }
  bool any(Phase phase) const;
  const double* state(std::size_t i) const { return states.data() + i * size(); }
  const double* velocity(std::size_t i) const { return velocities.data() + i * size(); }

  /// Sets h from the first derivatives, for a method of `order`, unless the options give it.
  void choose_first_steps(int order);
  /// h, or what is left to t_end where that is hardly more.
  double step_of(std::size_t i) const;
  /// The root mean square of an error by the tolerance, for a step to `state`; infinite where it is not finite.
  double error_norm(std::size_t i, const double* error, const double* new_state) const;

  /// Ends a step of size h with the given error: the trial moves, or h becomes smaller. True where it moved.
  /// `interpolate(theta, row)` gives the state at t + theta h.
  template <class Interpolate>
  bool finish_step(std::size_t i, double h, double error, int order, const double* new_state,
                   const double* new_velocity, double new_loss, const Interpolate& interpolate);

  Vector states, velocities;  // of the last accepted step

 private:
  bool due(const Trial& trial, double t) const;
  void report(std::size_t i, const double* row);
  void move(std::size_t i, double t, const double* new_state, const double* new_velocity, double new_loss);
  void stop_where_due(Trial& trial) const;
  void reject(Trial& trial, double h, double error, double factor) const;
  static void stop(Trial& trial, FlowStop reason);

  FlowSystem& system_;
  const GradientFlowOptions& options_;
  std::vector<Trial> trials_;
  Vector row_;
};

/// What a step is divided by must not overflow.
constexpr double smallest_step = 0x1p-1000;

/// The factor for the next step that a controller with safety .9 takes, within [.2, 5].
double step_factor(double error, int order);

template <class Interpolate>
bool FlowTrials::finish_step(std::size_t i, double h, double error, int order, const double* new_state,
                             const double* new_velocity, double new_loss, const Interpolate& interpolate) {
  Trial& trial = trials_[i];
  ++trial.steps;
  if (!std::isfinite(new_loss) || !all_finite(new_velocity, size())) error = std::numeric_limits<double>::infinity();
  const double factor = step_factor(error, order);
  if (!(error <= 1.0)) {
    reject(trial, h, error, factor);
    return false;
  }
  const double t = h >= options_.t_end - trial.t ? options_.t_end : trial.t + h;
  for (; due(trial, t); ++trial.next_report) {
    interpolate(std::min(1.0, (options_.at[trial.next_report] - trial.t) / h), row_.data());
    report(i, row_.data());
  }
  trial.h = h * (trial.repeating ? std::min(1.0, factor) : factor);
  trial.repeating = false;
  move(i, t, new_state, new_velocity, new_loss);
  return true;
}

}  // namespace sigmagrad::optim::detail
