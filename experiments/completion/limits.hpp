// SPDX-License-Identifier: BSD-3-Clause
// Where theory says that a flow ends, as matrices whose ranks are taken like those of the runs.
#pragma once

#include <string>
#include <vector>

#include <sigmagrad/experiments/completion/factorization.hpp>

namespace sigmagrad::experiments::completion {

/// Products of the two factors' limits, for patterns with at most one observed entry in each row and column: from each
/// trial's own start [T, d, d] (paper 002, propositions 4.1 and E.1).
Tensor two_factor_limits(const std::vector<Tensor>& start, const Completion& completion);

/// A matrix [d, d] with the limit's singular values, for ones observed on the diagonal and `identity_start` with m
/// (theorem 3.3).
Tensor diagonal_limit(const Start& start, double m);

/// The claim that two factors end there, judged by each trial's `metric` and `limiting_<metric>` in the groups of depth
/// 2; `why` says what is left.
Judgement two_factor_limits_claim(const std::string& metric, const std::string& why);

}  // namespace sigmagrad::experiments::completion
