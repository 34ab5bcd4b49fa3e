// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <cmath>
#include <sigmagrad/experiments/spectral/verdicts.hpp>

namespace sigmagrad::experiments::spectral {

std::vector<Claim> judge_all(const Results& results, const std::vector<Judgement>& judgements) {
  std::vector<Claim> claims;
  for (const auto& [claim, measure] : judgements)
    claims.push_back(judge(claim, [&results, measure = measure](Claim& c) { measure(results, c); }));
  return claims;
}

bool close(std::initializer_list<std::pair<double, double>> measured_and_printed, double tolerance) {
  for (const auto& [measured, printed] : measured_and_printed)
    if (!(std::abs(measured - printed) <= tolerance * std::abs(printed))) return false;
  return true;
}

Verdict verdict_if(bool holds) { return holds ? Verdict::Holds : Verdict::DoesNotHold; }

Verdict verdict_by(bool shape, bool digits) {
  if (!shape) return Verdict::DoesNotHold;
  return digits ? Verdict::Holds : Verdict::HoldsInShape;
}

std::string mean_and_std(const Statistics& s) { return fmt::format("{:.3g} \u00b1 {:.3g}", s.mean, s.std); }

}  // namespace sigmagrad::experiments::spectral
