// SPDX-License-Identifier: BSD-3-Clause
// Training by gradient flow, integrated in small steps, until a task is learned.
#pragma once

#include <sigmagrad/experiments/balanced/deep_balanced.hpp>
#include <sigmagrad/experiments/balanced/two_layer.hpp>

namespace sigmagrad::experiments::balanced {

/// The share of the initial distance from the target that is left where training counts as done.
inline constexpr double learned = 0.01;

/// How a training by gradient flow until `learned` went.
struct Training {
  double time;
  double kernel_change;    // ||K(end) - K(0)||_F / ||K(0)||_F
  double kernel_distance;  // 1 - cos(K(0), K(end))
  bool done;
};
Training train(const TwoLayer& model, const Task& task);
Training train(const ThreeLayer& model, const Task& task);

/// The time at which the exact loss falls to `wanted`, by bisection; infinity where it does not by 1e9 tau.
double exact_time(const theory::BalancedDynamics& flow, double wanted);

}  // namespace sigmagrad::experiments::balanced
