// SPDX-License-Identifier: BSD-3-Clause
// A deep student that imitates a teacher on fresh batches: the trials of spectral/depth.
#pragma once

#include <sigmagrad/lab/model/results.hpp>
#include <sigmagrad/lab/model/trial.hpp>

namespace sigmagrad::experiments::spectral {

using namespace lab;

/// A single layer learns faster than several.
double learning_rate(const Params& params);

/// Errors of the product of `depth` linear layers against one heterogeneous matrix, after `steps`; those of the
/// paper's own trials go on to `long_steps`, with curves.
Metrics linear_trial(const Trial& trial);

/// Two ReLU layers, teacher and student. Errors are means over the layers, each against the teacher's of its place.
Metrics relu_trial(const Trial& trial);

}  // namespace sigmagrad::experiments::spectral
