// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>

#include <sigmagrad/optim/detail/flow_trials.hpp>

namespace sigmagrad::optim::detail {

/// Dormand and Prince's explicit Runge-Kutta pair of orders 5 and 4, whose last stage is the next step's first (J.
/// Comput. Appl. Math. 6, 1980), and its interpolant of order 4 (Hairer, Norsett and Wanner I, II.6).
class DormandPrince {
 public:
  static constexpr int order = 5;

  /// Trials stop in the explicit phase, or enter the stiff phase after `patience` steps at the limit of stability.
  DormandPrince(FlowSystem& system, FlowTrials& trials, int patience);
  void run();

 private:
  static constexpr std::size_t stages = 7;

  void limit_steps(std::int64_t round);
  template <std::size_t Stage>
  void stage();
  void finish_step(std::size_t i);
  void interpolate(std::size_t i, double theta, double* row) const;

  double* slope(std::size_t k, std::size_t i) { return slopes_[k].data() + i * trials_.size(); }
  const double* slope(std::size_t k, std::size_t i) const { return slopes_[k].data() + i * trials_.size(); }

  FlowSystem& system_;
  FlowTrials& trials_;
  int patience_;
  std::array<Vector, stages> slopes_;
  Vector next_, losses_, largest_, steps_, error_;
};

}  // namespace sigmagrad::optim::detail
