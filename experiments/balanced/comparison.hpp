// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>

#include <sigmagrad/experiments/balanced/two_layer.hpp>

namespace sigmagrad::experiments::balanced {

/// One trial of gradient descent beside the exact solution, in four quantities: product W2 W1, input W1' W1, output W2
/// W2', and kernel, which the network takes from its Jacobian and the solution from the closed form.
class Comparison {
 public:
  /// A step of gradient descent is the time lr.
  Comparison(const Start& start, double lr);

  void at(std::int64_t step, const theory::TwoLayerWeights& weights, double loss);
  /// Of each quantity `_deviation`, the largest relative distance from the solution over the times seen, and `_change`,
  /// the relative distance at the last one from the start; norms at the end; and curves over time, but for step 0, each
  /// with its `exact_` counterpart.
  Metrics metrics() const;

 private:
  using Quantities = std::array<Tensor, 4>;
  Quantities measured(const theory::TwoLayerWeights& weights) const;
  Quantities exact(double time) const;

  Tensor X_;
  theory::BalancedDynamics flow_;
  double constant_, lr_;
  Quantities first_;
  std::array<double, 4> deviation_ = {}, change_ = {};
  double loss_deviation_ = 0, input_norm_ = 0, output_norm_ = 0;
  Metrics curves_;
};

}  // namespace sigmagrad::experiments::balanced
