// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>

#include <sigmagrad/optim/detail/flow_trials.hpp>

namespace sigmagrad::optim::detail {

/// The Rosenbrock method RODAS, of orders 4 and 3, stiffly accurate and L-stable (Hairer and Wanner, Solving Ordinary
/// Differential Equations II, IV.7), with the exact Hessian. A step solves six systems of one matrix I / (gamma h) + H.
/// Beyond h = 4 / |lambda| with an eigenvalue lambda < 0 it would damp or flip a mode that grows, unseen by the error
/// control while the mode is small: h is at most 1 / |lambda|, found to 20 % by eliminations that cost a quarter of the
/// inverse at 50 parameters, where the eigenvalues take seven times as long as it.
///
/// Measured to small losses, on a diagonal with a target of 0 and two Gaussian ones with a tiny entry: 95, 158 and 90
/// steps at rtol 1e-6, where an exponential Rosenbrock method of the same orders (exprb43) took 117, 199 and 105 that
/// cost, by their eigenvectors, five to seven times as much, and the explicit method at the limit of stability 21 000,
/// 7 300 and 1 800.
class Rosenbrock {
 public:
  static constexpr int order = 4;

  Rosenbrock(FlowSystem& system, FlowTrials& trials);
  /// Trials of the stiff phase go on until they stop.
  void run();

 private:
  static constexpr std::size_t stages = 6;

  void prepare();
  void prepare(std::size_t i);
  void shift(std::size_t i, double by);
  double limited(std::size_t i, double h);
  void solve(std::size_t i, std::size_t stage);
  void advance(std::size_t i, std::size_t stage);
  void finish_step(std::size_t i);
  void interpolate(std::size_t i, double theta, double* row) const;

  double* row(Vector& rows, std::size_t i) const { return rows.data() + i * trials_.size(); }
  const double* row(const Vector& rows, std::size_t i) const { return rows.data() + i * trials_.size(); }
  double* matrix(Vector& all, std::size_t i) const { return all.data() + i * trials_.size() * trials_.size(); }

  FlowSystem& system_;
  FlowTrials& trials_;
  std::vector<bool> has_hessian_;
  Vector hessians_, inverses_, shifted_;
  Vector next_, velocities_, losses_, steps_, right_;
  Vector refused_;  // the error of a step that cannot be tried, infinite where the Hessian is not finite, or 0
  std::array<Vector, stages> u_;
};

}  // namespace sigmagrad::optim::detail
