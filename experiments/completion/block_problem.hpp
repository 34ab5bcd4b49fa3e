// SPDX-License-Identifier: BSD-3-Clause
// The problem whose limits theory knows, as grids of parameters: n diagonal blocks of size s that show one value w.
#pragma once

#include <vector>

#include <sigmagrad/experiments/completion/flow_runs.hpp>
#include <sigmagrad/theory/completion_limits.hpp>

namespace sigmagrad::experiments::completion {

inline const Real observed_value{
    .name = "w", .help = "every observed entry", .quick = {1.0}, .paper = {1.0, 10.0, 0.1}, .minimum = 1e-9};
inline const Int blocks{.name = "n", .help = "number of blocks", .quick = {10, 5, 3, 2}, .minimum = 2};
inline const Int block_size{.name = "s", .help = "size of a block", .quick = {1, 2}, .minimum = 1};

// The singular values of the product: the largest, the mean and the spread of the others up to the n-th, and how far
// they are from Theorem 3.3, relative to its values; then the largest of those beyond the n-th, which should be 0.
inline const Quantity sigma_1{.name = "sigma_1", .label = "\u03c3_1"};
inline const Quantity sigma_rest{.name = "sigma_rest", .label = "\u03c3_2 to \u03c3_n"};
inline const Quantity sigma_spread{.name = "sigma_spread", .label = "spread of \u03c3_2 to \u03c3_n"};
inline const Quantity sigma_within{.name = "sigma_within", .label = "singular values beyond the number of blocks"};
inline const Quantity sigma_1_error{.name = "sigma_1_error", .label = "relative error of \u03c3_1"};
inline const Quantity sigma_rest_error{.name = "sigma_rest_error", .label = "relative error of \u03c3_2 to \u03c3_n"};

/// Singular values below are not compared digit by digit.
inline constexpr double least_compared = 1e-9;
inline const Quantity limit_error{.name = "limit_error", .label = "relative error of singular values above 1e-9"};

/// From w, n, depth, m, scale = alpha^depth and s, which is 1 where an experiment does not have it.
theory::BlockCompletion block_problem(const Params& params);

/// The model at its start, one trial, and what it is shown.
Factorization block_model(const theory::BlockCompletion& problem);
Completion block_task(const theory::BlockCompletion& problem);

/// Where it ended: the quantities above and both ranks. The first singular value and the others' mean come back.
theory::CompletionLimits record_ends(Trial& trial, const Factorization& model, const theory::BlockCompletion& problem);

/// Both singular values against the scale, by depth, on Theorem 3.3's lines.
std::vector<Plot> limits_plots(const Selection& selection = {});

}  // namespace sigmagrad::experiments::completion
