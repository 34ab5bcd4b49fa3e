// SPDX-License-Identifier: BSD-3-Clause
// How the claims of papers 000 and 001 are judged.
#pragma once

#include <initializer_list>
#include <sigmagrad/experiments/harness/claim.hpp>
#include <sigmagrad/experiments/harness/results.hpp>
#include <string>
#include <utility>
#include <vector>

namespace sigmagrad::experiments::spectral {

/// A claim and what measures it.
struct Judgement {
  Claim claim;
  void (*measure)(const Results& results, Claim& claim);
};
std::vector<Claim> judge_all(const Results& results, const std::vector<Judgement>& judgements);

/// Whether every measured number is the printed one beside it, to `tolerance` of it.
bool close(std::initializer_list<std::pair<double, double>> measured_and_printed, double tolerance);

Verdict verdict_if(bool holds);
/// Holds where the printed digits come out too.
Verdict verdict_by(bool shape, bool digits);

/// `0.27 +- 0.31`
std::string mean_and_std(const Statistics& statistics);

}  // namespace sigmagrad::experiments::spectral
