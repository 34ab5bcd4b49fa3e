// SPDX-License-Identifier: BSD-3-Clause
// A deep student that imitates a teacher on fresh batches: the trials of spectral/depth.
#pragma once

#include <sigmagrad/experiments/spectral/regression.hpp>

namespace sigmagrad::experiments::spectral {

inline const Int depth{.name = "depth",
                       .help = "layers (a ReLU network has 2)",
                       .quick = {1, 2, 3},
                       .paper = {1, 2, 3, 4, 5, 6},
                       .minimum = 1,
                       .maximum = 6};
inline const Real deep_lr{.name = "deep_lr", .help = "learning rate of SGD with more", .quick = {0.005}, .minimum = 0};
inline const Int long_steps{
    .name = "long_steps", .help = "the paper's trials go on to this step", .quick = {1000}, .paper = {3000}};

inline const Quantity output_error{.name = "output_error", .label = "error of the outputs"};
inline const Quantity product_cond{.name = "product_cond", .label = "condition number of the product"};
inline const Quantity target_cond{.name = "target_cond", .label = "condition number of the target"};
/// What the error would be, had training moved the largest singular value alone.
inline const Quantity frozen_cond_error{.name = "frozen_cond_error",
                                        .label = "condition number error with the start's smallest singular value"};
inline const Quantity over_bound{.name = "over_bound",
                                 .label = "condition number of the product over the product of the layers'"};
/// After `long_steps`.
inline const Quantity final_cond_error{.name = "final_cond_error", .label = "final condition number error"};
inline const Quantity final_overall_error{.name = "final_overall_error", .label = "final overall error"};
inline const Quantity final_output_error{.name = "final_output_error", .label = "final error of the outputs"};
/// Layers are counted from 1, the one that meets the inputs.
Quantity layer_cond(std::size_t layer);

/// A single layer learns faster than several.
double learning_rate(const Params& params);

/// Errors of the product of `depth` linear layers against one heterogeneous matrix, after `steps`; those of the
/// paper's own trials go on to `long_steps`, with curves.
void linear_trial(Trial& trial);

/// Two ReLU layers, teacher and student. Errors are means over the layers, each against the teacher's of its place.
void relu_trial(Trial& trial);

}  // namespace sigmagrad::experiments::spectral
