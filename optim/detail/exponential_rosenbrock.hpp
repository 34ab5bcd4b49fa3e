// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/optim/detail/flow_trials.hpp>

namespace sigmagrad::optim::detail {

/// The exponential Rosenbrock method exprb43 (Hochbruck, Ostermann and Schweitzer, SIAM J. Numer. Anal. 47, 2009).
///
/// Around a state u with velocity f and Hessian H the flow is u' = f - H (x - u) + p, where p collects the rest. The
/// linear part is solved exactly, in H's eigenvectors, and p(s), s = 0..1 over the step, is the cubic with
/// p(0) = p'(0) = 0 through its values at s = 1/2 and 1:
///   u(theta) = u + theta h phi1(theta z) f + h (2 theta^3 phi3(theta z) a + 6 theta^4 phi4(theta z) b),
/// z = -h H, p = a s^2 + b s^3. The term with b is the error estimate.
class ExponentialRosenbrock {
 public:
  static constexpr int order = 4;

  ExponentialRosenbrock(FlowSystem& system, FlowTrials& trials);
  /// Trials of the stiff phase go on until they stop.
  void run();

 private:
  void decompose();
  void to_midpoint(std::size_t i);
  void to_end(std::size_t i);
  void to_solution(std::size_t i);
  void finish_step(std::size_t i);
  void rest(std::size_t i, Vector& at);
  void add_solution(std::size_t i, double theta, double* row, double* error) const;
  void add_in_state_space(std::size_t i, const double* modes, double* row) const;

  double* row(Vector& rows, std::size_t i) const { return rows.data() + i * trials_.size(); }
  const double* row(const Vector& rows, std::size_t i) const { return rows.data() + i * trials_.size(); }

  FlowSystem& system_;
  FlowTrials& trials_;
  std::vector<bool> decomposed_;
  Vector hessians_, eigenvalues_, eigenvectors_;
  Vector next_, next_velocity_, losses_, steps_;
  Vector velocity_, shift_, middle_, end_;  // in eigenvectors: f, x - u, and p at 1/2 and 1
  mutable Vector modes_;
};

}  // namespace sigmagrad::optim::detail
