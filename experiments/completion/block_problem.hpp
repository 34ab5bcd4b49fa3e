// SPDX-License-Identifier: BSD-3-Clause
// The problem whose limits theory knows, as grids of parameters: n diagonal blocks of size s that show one value w.
#pragma once

#include <sigmagrad/experiments/completion/factorization.hpp>
#include <sigmagrad/theory/completion_limits.hpp>

namespace sigmagrad::experiments::completion {

/// From w, n, s, depth, m and scale = alpha^depth.
theory::BlockCompletion block_problem(const Params& params);

/// The model at its start, one trial, and what it is shown.
Factorization block_model(const theory::BlockCompletion& problem);
Completion block_task(const theory::BlockCompletion& problem);

/// Where it ended: sigma_1 and, of the n - 1 next singular values, mean and spread; of all others the largest; and how
/// far both are from Theorem 3.3, relative to its values.
Metrics block_metrics(const Factorization& model, const theory::BlockCompletion& problem);

/// Theorem 3.3 against the scale, from the smallest to the largest of `scales`, for the other parameters as given.
struct LimitCurves {
  std::vector<double> scale, sigma_1, sigma_rest;
};
LimitCurves limit_curves(theory::BlockCompletion problem, const std::vector<double>& scales);

}  // namespace sigmagrad::experiments::completion
