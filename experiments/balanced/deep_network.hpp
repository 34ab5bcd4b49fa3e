// SPDX-License-Identifier: BSD-3-Clause
// Linear networks of any depth, and how each pair of neighbouring layers learns.
#pragma once

#include <utility>
#include <vector>

#include <sigmagrad/experiments/balanced/two_layer.hpp>

namespace sigmagrad::experiments::balanced {

/// y = W_L ... W_1 x.
class DeepLinear : public nn::Module {
 public:
  explicit DeepLinear(const std::vector<Tensor>& start);
  Tensor operator()(const Tensor& x) const { return matmul(x, product().t()); }
  Tensor product() const;
  /// W_{l+1} W_l of the present weights, l = 1, 2, ...
  std::vector<Tensor> pairs() const;
  /// lambda_l of each pair, tr(W_{l+1}' W_{l+1} - W_l W_l') / n_l, and the largest distance from lambda_l I.
  std::pair<std::vector<double>, double> balance() const;

 private:
  std::vector<Tensor> layers_;
};

/// How a matrix came to its end along a training: the time at which it has gone half of its way, and the rate at which
/// the distance to the end falls from a tenth to a hundredth. NaN where two looks do not tell.
struct Approach {
  double half_time, late_rate;
};
Approach approach(const std::vector<double>& times, const std::vector<Tensor>& seen);

/// Gradient flow of aligned zero-balanced square layers: the largest deviation of a mode from the scalar equation of
/// that depth over time, and the largest entry between modes, both in units of the largest singular value.
struct AlignedDeviation {
  double mode = 0.0, between = 0.0;
};
AlignedDeviation deviation_from_scalar_equation(const Task& task, int depth, Generator& generator);

}  // namespace sigmagrad::experiments::balanced
