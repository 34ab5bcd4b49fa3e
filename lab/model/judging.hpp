// SPDX-License-Identifier: BSD-3-Clause
// The one judge of all claims.
#pragma once

#include <string>
#include <vector>

#include <sigmagrad/lab/model/claim.hpp>

namespace sigmagrad::lab {

/// The claims as judged on these results. A condition is decided if it has one answer on the results and on 97.5% of
/// 1000 resamples of their trials (a percentile bootstrap, from a keyed generator: the digits are the same every time;
/// Efron, Annals of Statistics 7, 1979). A claim that rests on a group of one trial is undecided if trials draw random
/// numbers, as `trials_draw` says; if they draw none, one trial is all there is to know. A claim that needs a group or
/// a quantity that was not run is NotTested, and `why` says which.
std::vector<JudgedClaim> judge(const Results& results, const std::vector<Claim>& claims, bool trials_draw = true);

/// The claim as it stands where nothing was run that could test it.
JudgedClaim untested(const Claim& claim, std::string why = {});

/// Whether a measured number is the printed one to `tolerance` of it.
bool is_close(double measured, double printed, double tolerance);

}  // namespace sigmagrad::lab
