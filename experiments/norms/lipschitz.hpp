// SPDX-License-Identifier: BSD-3-Clause
// The parts of norms/lipschitz: bounds of random networks, the power method in training, and what is proved of trained
// networks by their norms.
#pragma once

#include <sigmagrad/experiments/norms/classifier.hpp>
#include <sigmagrad/experiments/norms/inequality.hpp>

namespace sigmagrad::experiments::norms {

/// ||f(x + d) - f(x)|| / ||d|| over `bound`, for rows x, d [..., starts, in] of a network, or of stacked ones with a
/// bound each.
Tensor stretch_of(const nn::Sequential& model, const Tensor& x, const Tensor& d, const Tensor& bound);
/// The largest of it, [] or one a network, that gradient ascent on x and d finds.
Tensor largest_stretch(const nn::Sequential& model, const Tensor& x, const Tensor& d, const Tensor& bound,
                       std::int64_t steps);

/// Random networks of depths 1, 2, 4 and 8, with matrices of all conditionings.
namespace stretch {
void check(Trial& t);
/// Over the product of spectral norms: the largest of all networks, and the median one.
struct Activation {
  std::string name;
  Curve best{.name = "best_" + name, .label = name + ", largest", .over = "depth"};
  Curve typical{.name = "typical_" + name, .label = name + ", median", .over = "depth"};
};
inline const Activation linear{"linear"}, relu{"ReLU"}, tanh{"tanh"};
inline const Curve composed{.name = "composed", .label = "linear, over the product's norm", .over = "depth"};
inline const Quantity random_inputs{.name = "random_inputs", .label = "largest of random inputs, over the product"};
inline const Quantity extremal_network{.name = "extremal_network",
                                       .label = "found by ascent on weights too, over the product"};
inline const Quantity networks{.name = "networks", .label = "networks"};
}  // namespace stretch

/// Spectral normalisation: what it makes of a matrix, and how exact its power method stays while the weights move.
namespace power {
void check(Trial& t);
inline const Quantity longest_axis{.name = "longest_axis", .label = "deviation of the longest axis from 1"};
inline const Curve overshoot{.name = "overshoot", .label = "rate 0.003", .over = "power steps"};
inline const Curve overshoot_fast{.name = "overshoot_fast", .label = "rate 0.03", .over = "power steps"};
inline const Curve first_steps{.name = "first_steps", .label = "rate 0.003, after ten steps", .over = "power steps"};
inline const Curve accuracy{.name = "accuracy", .label = "accuracy", .over = "power steps", .bounds = {0, 1}};
}  // namespace power

/// Classifiers with and without spectral normalisation, of labels a part of which is drawn anew.
namespace learned {
inline const Text layers{.name = "layers", .help = "layers of the trained network", .quick = {"plain", "normalised"}};
inline const Real label_noise{.name = "label_noise",
                              .help = "part of the labels drawn anew",
                              .label = "part of the labels drawn anew",
                              .quick = {0.0, 0.5, 1.0},
                              .minimum = 0,
                              .maximum = 1};
void check(Trial& t);
inline const Quantity training_accuracy{.name = "training_accuracy", .label = "accuracy, trained on", .bounds = {0, 1}};
inline const Quantity test_accuracy{.name = "test_accuracy", .label = "accuracy, not trained on", .bounds = {0, 1}};
inline const Quantity gap{.name = "gap", .label = "generalisation gap"};
inline const Quantity product{.name = "product", .label = "product of spectral norms"};
inline const Quantity found_stretch{.name = "stretch", .label = "largest stretch found"};
inline const Quantity looseness{.name = "looseness", .label = "product over the largest stretch found"};
inline const Quantity stable_rank{.name = "stable_rank", .label = "sum of stable ranks"};
inline const Quantity no_margin{.name = "no_margin", .label = "whether the median margin is not positive"};
inline const Quantity margin_bound{.name = "margin_bound", .label = "margin bound"};
inline const Quantity pac_bayes_bound{.name = "pac_bayes_bound", .label = "PAC-Bayes bound"};
inline const Quantity certified{.name = "certified", .label = "certified radius, median"};
inline const Quantity attacked{.name = "attacked", .label = "distance of the attack, median"};
inline const Quantity failed_attacks{.name = "failed_attacks", .label = "attacks that fail, of 100"};
inline const Quantity closest_attack{.name = "closest_attack", .label = "certified radius over the attack's, largest"};
/// How far each point is from being misclassified, as far as an attack tells: 0 if it is, and infinite where the attack
/// failed.
Tensor distances_to_error(const Tensor& margins, const Tensor& attack);
/// The median of a bound over trials: infinite where a trial has no margin, and the bound was not recorded.
Statistic median_bound(const Quantity& bound);
}  // namespace learned

}  // namespace sigmagrad::experiments::norms
