// SPDX-License-Identifier: BSD-3-Clause
// The problem whose limits theory knows, as grids of parameters: n diagonal blocks of size s that show one value w.
#pragma once

#include <sigmagrad/experiments/completion/factorization.hpp>
#include <sigmagrad/theory/completion_limits.hpp>

namespace sigmagrad::experiments::completion {

/// From w, n, depth, m, scale = alpha^depth and s, which is 1 where an experiment does not have it.
theory::BlockCompletion block_problem(const Params& params);

/// The model at its start, one trial, and what it is shown.
Factorization block_model(const theory::BlockCompletion& problem);
Completion block_task(const theory::BlockCompletion& problem);

/// Where it ended. Of the product, on sums over blocks: the largest singular value, the mean and the spread of the
/// other n - 1, and how far they are from Theorem 3.3, relative to its values; on what sums over blocks to 0,
/// `sigma_within`, the largest.
Metrics block_metrics(const Factorization& model, const theory::BlockCompletion& problem);

/// Medians of sigma_1 and sigma_rest of the groups selected, against the scale, by depth, on Theorem 3.3's lines.
Panel limits_panel(const Results& results, const Selection& selection, std::string title);

/// A place where a theory line breaks off: pieces of one line share one entry of the legend.
void break_line(Series& series);

}  // namespace sigmagrad::experiments::completion
