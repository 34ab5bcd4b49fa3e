// SPDX-License-Identifier: BSD-3-Clause
// How an experiment judges what documents claim by what it measured.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include <sigmagrad/experiments/harness/claim.hpp>
#include <sigmagrad/experiments/harness/results.hpp>

namespace sigmagrad::experiments {

/// A claim, and what fills in its measured, verdict and why.
struct Judgement {
  Claim claim;
  std::function<void(const Results& results, Claim& claim)> measure;
};

/// The claims as judged; where a measure asks for a group or a metric that was not run, the verdict is NotTested and
/// `why` says which.
std::vector<Claim> judge_all(const Results& results, const std::vector<Judgement>& judgements);

/// Holds, else HoldsInShape, else DoesNotHold.
Verdict verdict(bool holds, bool in_shape = false);

/// Whether every measured number is the printed one beside it, to `tolerance` of it.
bool close(std::initializer_list<std::pair<double, double>> measured_and_printed, double tolerance);

/// "0.27 +- 0.31"
std::string mean_and_std(const Statistics& statistics);

}  // namespace sigmagrad::experiments
