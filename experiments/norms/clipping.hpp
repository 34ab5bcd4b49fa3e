// SPDX-License-Identifier: BSD-3-Clause
// The parts of norms/clipping: what each rule does to the singular values of a gradient, and to a training.
#pragma once

#include <string>
#include <vector>

#include <sigmagrad/experiments/norms/inequality.hpp>

namespace sigmagrad::experiments::norms {

/// A way to clip the gradients of all parameters to the threshold c.
struct ClippingRule {
  std::string name, label;
  void (*clip)(const std::vector<Tensor>& params, double threshold);
  Quantity shape{.name = "shape_" + name, .label = label};      // largest change of any s_i / s_1
  Quantity cap{.name = "cap_" + name, .label = label};          // largest singular value left, over c
  Quantity balance{.name = "balance_" + name, .label = label};  // change of the log ratio of two tensors' norms, median
};
/// All tensors by one factor, each by its Frobenius norm, each by its spectral norm, and truncated singular values.
const std::vector<ClippingRule>& clipping_rules();
const ClippingRule& clipping_rule(const std::string& name);

/// Pairs of random gradients of all conditionings.
namespace gradients {
void check(Trial& t);
inline const Quantity pairs{.name = "pairs", .label = "pairs of gradients"};
inline const Quantity smallest_change{.name = "smallest_change",
                                      .label = "change by truncating over that by rescaling, the largest"};
inline const Curve before{.name = "values_before", .label = "before", .over = "singular value"};
inline const Curve rescaled{.name = "values_rescaled", .label = "rescaled", .over = "singular value"};
inline const Curve truncated{.name = "values_truncated", .label = "truncated", .over = "singular value"};
}  // namespace gradients

/// Three linear layers from a large start towards an ill-conditioned target.
namespace clipped_training {
inline const Text rule{.name = "rule",
                       .help = "how gradients are clipped",
                       .quick = {"none", "global", "frobenius", "spectral", "truncated"}};
inline const Real threshold{
    .name = "threshold", .help = "what gradients are clipped to", .quick = {1.0, 0.3}, .minimum = 1e-9};
void check(Trial& t);
inline const Curve loss{.name = "loss", .label = "loss", .over = "step"};
inline const Quantity exploded{.name = "exploded", .label = "part of the runs that explode"};
inline const Quantity longest_step{.name = "longest_step",
                                   .label = "spectral norm of a layer's step over rate times threshold, largest"};
inline const Quantity end{.name = "end_loss", .label = "loss at the end"};
inline const Quantity small_values{.name = "small_values",
                                   .label = "error of the target's lower singular values at the end, relative"};
}  // namespace clipped_training

}  // namespace sigmagrad::experiments::norms
