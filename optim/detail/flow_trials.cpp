// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/detail/flow_trials.hpp>

#include <algorithm>
#include <cmath>

#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::optim::detail {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

}  // namespace

double step_factor(double error, int order) {
  if (!(error > 0.0)) return error == 0.0 ? 5.0 : 0.2;
  return std::clamp(0.9 * std::pow(error, -1.0 / order), 0.2, 5.0);
}

FlowTrials::FlowTrials(FlowSystem& system, const GradientFlowOptions& options)
    : states(system.state()),
      velocities(states.size()),
      system_(system),
      options_(options),
      trials_(system.trials()),
      row_(system.size()) {
  Vector loss(count());
  system_.evaluate(states, states, velocities, loss);
  for (std::size_t i = 0; i < count(); ++i) {
    Trial& trial = trials_[i];
    trial.loss = loss[i];
    trial.grad_norm = norm(velocity(i), size());
    if (!std::isfinite(trial.loss) || !std::isfinite(trial.grad_norm))
      engine::fail("gradient_flow: the start is not finite: loss {}, gradient's norm {}{}", trial.loss, trial.grad_norm,
                   system_.shape().rank() == 0 ? "" : fmt::format(" of trial {}", i));
    if (options_.method == FlowMethod::Stiff) trial.phase = Phase::Stiff;
  }
}

bool FlowTrials::any(Phase phase) const {
  return std::any_of(trials_.begin(), trials_.end(), [&](const Trial& trial) { return trial.phase == phase; });
}

// Hairer, Norsett and Wanner, Solving Ordinary Differential Equations I, II.4: the step for which a Euler step's change
// and an estimate of the second derivative would be a hundredth.
void FlowTrials::choose_first_steps(int order) {
  Vector moved = states, rates(states.size()), loss(count()), guess(count());
  for (std::size_t i = 0; i < count(); ++i) {
    const double size_of_state = largest_size(state(i), size()), rate = largest_size(velocity(i), size());
    guess[i] = size_of_state > 0.0 && rate > 0.0 ? 0.01 * size_of_state / rate : 1e-6;
    guess[i] = std::min(std::max(guess[i], smallest_step), options_.t_end);
    for (std::size_t j = 0; j < size(); ++j) moved[i * size() + j] += guess[i] * velocity(i)[j];
  }
  if (options_.initial_step == 0.0) system_.evaluate(moved, states, rates, loss);
  for (std::size_t i = 0; i < count(); ++i) {
    for (std::size_t j = 0; j < size(); ++j) rates[i * size() + j] -= velocity(i)[j];
    const double tolerance = options_.atol + options_.rtol * largest_size(state(i), size());
    const double bend = largest_size(rates.data() + i * size(), size()) / guess[i];
    const double slope = std::max(bend, largest_size(velocity(i), size())) / tolerance;
    const double by_slope = slope > 0.0 ? std::pow(0.01 / slope, 1.0 / order) : 100.0 * guess[i];
    trials_[i].h = options_.initial_step > 0.0 ? options_.initial_step
                   : std::isfinite(by_slope)
                       ? std::max({epsilon * guess[i], smallest_step, std::min(100.0 * guess[i], by_slope)})
                       : guess[i];
    for (; due(trials_[i], 0.0); ++trials_[i].next_report) report(i, state(i));
    stop_where_due(trials_[i]);
  }
}

double FlowTrials::step_of(std::size_t i) const {
  const double left = options_.t_end - trials_[i].t;
  return 1.01 * trials_[i].h >= left ? left : trials_[i].h;
}

double FlowTrials::error_norm(std::size_t i, const double* error, const double* new_state) const {
  const double largest = std::max(largest_size(state(i), size()), largest_size(new_state, size()));
  const double tolerance = std::max(options_.atol + options_.rtol * largest, std::numeric_limits<double>::min());
  const double result = norm(error, size()) / tolerance / std::sqrt(static_cast<double>(size()));
  return std::isfinite(result) ? result : std::numeric_limits<double>::infinity();
}

bool FlowTrials::due(const Trial& trial, double t) const {
  return trial.next_report < options_.at.size() && options_.at[trial.next_report] <= t;
}

void FlowTrials::report(std::size_t i, const double* row) {
  system_.write_row(i, row);
  options_.callback(options_.at[trials_[i].next_report], static_cast<std::int64_t>(i));
}

void FlowTrials::move(std::size_t i, double t, const double* new_state, const double* new_velocity, double new_loss) {
  Trial& trial = trials_[i];
  std::copy_n(new_state, size(), states.data() + i * size());
  std::copy_n(new_velocity, size(), velocities.data() + i * size());
  trial.t = t;
  trial.loss = new_loss;
  trial.grad_norm = norm(velocity(i), size());
  stop_where_due(trial);
}

void FlowTrials::stop(Trial& trial, FlowStop reason) {
  trial.phase = Phase::Stopped;
  trial.reason = reason;
}

void FlowTrials::stop_where_due(Trial& trial) const {
  if (trial.loss < options_.loss_below)
    stop(trial, FlowStop::Loss);
  else if (trial.grad_norm <= options_.grad_norm_below)
    stop(trial, FlowStop::GradientNorm);
  else if (trial.t >= options_.t_end)
    stop(trial, FlowStop::Time);
  else if (trial.steps >= options_.max_steps)
    stop(trial, FlowStop::Steps);
}

void FlowTrials::reject(Trial& trial, double h, double error, double factor) const {
  ++trial.rejected;
  trial.repeating = true;
  trial.h = h * std::min(factor, 1.0);
  if (trial.h <= 4.0 * epsilon * trial.t || trial.h < smallest_step)
    stop(trial, std::isfinite(error) ? FlowStop::StepTooSmall : FlowStop::NonFinite);
  else if (trial.steps >= options_.max_steps)
    stop(trial, FlowStop::Steps);
}

}  // namespace sigmagrad::optim::detail
