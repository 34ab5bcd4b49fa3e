// SPDX-License-Identifier: BSD-3-Clause
// Where theory says that a flow ends, as matrices whose ranks are taken like those of the runs.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <sigmagrad/experiments/completion/flow_runs.hpp>

namespace sigmagrad::experiments::completion {

/// Products of the two factors' limits, for patterns with at most one observed entry in each row and column: from each
/// trial's own start [T, d, d] (paper 002, propositions 4.1 and E.1).
Tensor two_factor_limits(const std::vector<Tensor>& start, const Completion& completion);

/// A matrix [d, d] with the limit's singular values, for ones observed on the diagonal and `identity_start` with m
/// (theorem 3.3).
Tensor diagonal_limit(const StartSize& size, double m);

inline const Quantity rank_off_limit{.name = "rank_off_limit",
                                     .label = "distance of a trial's rank from the closed form"};

/// The ranks of the limits of trials with two factors, and `rank_off_limit`: how far the ranks of the ends are from it.
void record_limits(std::span<Trial> trials, const Quantity& limiting_rank, const Tensor& limits, const Tensor& ends);

/// The parameter of experiments that the paper ran by gradient descent.
inline const Real descent_rate{
    .name = "lr", .help = "step of gradient descent; 0: its limit, gradient flow", .quick = {0.01, 0.0}, .minimum = 0};

/// By steps of `descent_rate`, or by the flow, follows trials from `identity_start`, of which the diagonal of `target`
/// is observed ([d, d] or [T, d, d]); with two factors the stable ranks of their limits are recorded, too.
void run_from_identity(std::span<Trial> trials, const StartSize& size, const Tensor& target, std::int64_t max_steps);
inline const Quantity limiting_stable_rank{.name = "limiting_stable_rank", .label = "stable rank of the closed form"};

/// The claim that flow and descent end at one rank, to a hundredth of it.
Claim same_as_flow_claim();
/// The claim that two factors end there in these groups; `why` says what is left.
Claim two_factor_limits_claim(const std::string& why, const Selection& where = {});

}  // namespace sigmagrad::experiments::completion
