// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/harness/judging.hpp>

#include <cmath>

#include <fmt/format.h>

namespace sigmagrad::experiments {

namespace {

Claim judge(const Results& results, const Judgement& judgement) {
  Claim claim = judgement.claim;
  try {
    judgement.measure(results, claim);
  } catch (const NotRun& missing) {
    claim = judgement.claim;  // without what was filled in before
    claim.verdict = Verdict::NotTested;
    claim.why = missing.what();
  }
  return claim;
}

}  // namespace

std::vector<Claim> judge_all(const Results& results, const std::vector<Judgement>& judgements) {
  std::vector<Claim> claims;
  for (const Judgement& judgement : judgements) claims.push_back(judge(results, judgement));
  return claims;
}

Verdict verdict(bool holds, bool in_shape) {
  if (holds) return Verdict::Holds;
  return in_shape ? Verdict::HoldsInShape : Verdict::DoesNotHold;
}

bool close(std::initializer_list<std::pair<double, double>> measured_and_printed, double tolerance) {
  for (const auto& [measured, printed] : measured_and_printed)
    if (!(std::abs(measured - printed) <= tolerance * std::abs(printed))) return false;
  return true;
}

std::string mean_and_std(const Statistics& s) { return fmt::format("{:.3g} \u00b1 {:.3g}", s.mean, s.std); }

}  // namespace sigmagrad::experiments
