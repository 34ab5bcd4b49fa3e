// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <sigmagrad/optim/optimizer.hpp>

namespace sigmagrad::optim {

/// The rate after k steps of a schedule, of a group whose rate was `base` when it began.
using Rate = std::function<double(std::int64_t k, double base)>;

/// Sets the rate of every group of an optimiser; captured steps follow. A schedule of one's own is a function:
///   Schedule schedule(optimizer, [](std::int64_t k, double base) { return base / (1 + k); });
/// Rates are closed forms of k, not products of earlier ones. The optimiser must outlive its schedule; of two schedules
/// on one optimiser, the last that steps wins.
class Schedule {
 public:
  /// Sets the rates for k = 0. A rate that is negative or NaN is an Error, with nothing changed, here as in `step`.
  Schedule(Optimizer& optimizer, Rate rate);
  Schedule(const Schedule&) = delete;
  Schedule& operator=(const Schedule&) = delete;

  /// Sets the rates for the next k. Call it once an epoch, or once a training step, between captured steps.
  void step() { set(steps_ + 1); }
  std::int64_t steps() const { return steps_; }

  /// "steps" and "base.0", ...: numbers of the groups.
  NamedTensors state_dict() const;
  /// Goes on where the other left off. The present rates are part of the optimiser's state.
  void load_state_dict(const NamedTensors& saved);

 private:
  void set(std::int64_t steps);

  Optimizer* optimizer_;
  Rate rate_;
  std::vector<double> base_;
  std::int64_t steps_ = 0;
};

/// rates[0] until milestones[0], rates[1] until milestones[1], ..., each counting its own k from where it begins.
/// Milestones ascend, one fewer than the rates; otherwise Error.
Rate sequential(std::vector<Rate> rates, std::vector<std::int64_t> milestones);

/// From start_factor base to base in `steps` equal steps, and `then` from there on: warmup(10, cosine).
Rate warmup(std::int64_t steps, Rate then, double start_factor = 0.1);

}  // namespace sigmagrad::optim
