// SPDX-License-Identifier: BSD-3-Clause
// What a training keeps of its balanced start: lambda, the singular values that go with it, and the exact path.
#pragma once

#include <vector>

#include <sigmagrad/experiments/balanced/comparison.hpp>
#include <sigmagrad/experiments/balanced/two_layer.hpp>

namespace sigmagrad::experiments::balanced {

inline const Quantity drift{.name = "drift", .label = "largest change of W2'W2 - W1W1' / max(1, |\u03bb|)"};
inline const Quantity from_path{.name = "from_path", .label = "largest distance from the exact path / |\u03a3|"};
/// What large |lambda| leaves on any inputs: Sigma* + (W0 - Sigma*) exp(-|lambda| XX'/P t), Sigma* the best product.
inline const Quantity from_linear_flow{.name = "from_linear_flow",
                                       .label = "largest distance from the linear flow of |\u03bb| / |\u03a3|"};
inline const Quantity strengths{.name = "strengths", .label = "largest error of the weights' singular values"};

/// One trial beside what holds for white inputs: the solution towards the weights that training leads to.
class Kept {
 public:
  Kept(Trial& trial, const Start& start, double lambda);

  void look(double time, const Tensor& W1, const Tensor& W2);
  void record();

 private:
  double error_of_strengths(const Tensor& W1, const Tensor& W2, const Tensor& product) const;
  double distance_from_path(const Tensor& product) const;

  double lambda_;
  Tensor covariance_, target_, W0_;
  theory::BalancedDynamics flow_;
  std::vector<double> times_, losses_;  // of the exact solution
  Comparison comparison_;
};

}  // namespace sigmagrad::experiments::balanced
