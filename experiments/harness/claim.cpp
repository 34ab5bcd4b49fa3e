// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/harness/claim.hpp>

#include <sigmagrad/experiments/harness/results.hpp>

namespace sigmagrad::experiments {

Claim judge(Claim claim, const std::function<void(Claim&)>& measure) {
  Claim judged = claim;
  try {
    measure(judged);
    return judged;
  } catch (const NotRun& missing) {
    claim.verdict = Verdict::NotTested;
    claim.why = missing.what();
    return claim;
  }
}

std::string_view to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::Holds:
      return "holds";
    case Verdict::HoldsInShape:
      return "holds in shape";
    case Verdict::DoesNotHold:
      return "does not hold";
    case Verdict::NotTested:
      break;
  }
  return "not tested";
}

}  // namespace sigmagrad::experiments
