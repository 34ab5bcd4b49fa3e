// SPDX-License-Identifier: BSD-3-Clause
// Gradient descent from balanced weights beside the exact solution: how the network's representations change.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <sigmagrad/experiments/balanced/comparison.hpp>
#include <sigmagrad/experiments/balanced/two_layer.hpp>

namespace sigmagrad::experiments::balanced {

/// One of the matrices that are compared.
struct Part {
  Quantity deviation;              // the largest relative distance from the solution over time
  Quantity change;                 // the relative distance at the end from the start
  CurvePair curves;                // the relative distance from the start
  std::vector<CurvePair> entries;  // the first ones of its first row, of the first trial
};
Part part(const std::string& name, const std::string& label);

/// Product W2 W1, input W1' W1, output W2 W2', and the tangent kernel, which the network takes from its Jacobian and
/// the solution from the closed form.
inline const Part product_part = part("product", "product");
inline const Part input_part = part("input", "input representation W1'W1");
inline const Part output_part = part("output", "output representation W2W2'");
inline const Part kernel_part = part("kernel", "kernel");
inline const Quantity loss_deviation{.name = "loss_deviation", .label = "largest relative deviation of the loss"};
inline const CurvePair loss_curves = curve_pair("loss", "loss");

/// Trains, and records all of these, changes of all but the product, and the norms of the representations.
void descend(std::span<Trial> trials, const std::vector<Start>& starts, double lr, std::int64_t steps);

/// The largest relative distance, late, of the product from the target, of the representations from what theorem 4.1.2
/// says as corrected, and of the kernel from what these give; of a square network that does not end in a saddle.
double distance_from_limits(const theory::BalancedDynamics& flow, const Task& task, double lambda);

}  // namespace sigmagrad::experiments::balanced
