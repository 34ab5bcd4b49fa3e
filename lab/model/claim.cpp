// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/claim.hpp>

namespace sigmagrad::lab {

std::string_view to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::Holds:
      return "holds";
    case Verdict::HoldsInShape:
      return "holds in shape";
    case Verdict::DoesNotHold:
      return "does not hold";
    case Verdict::Undecided:
      return "undecided";
    case Verdict::NotTested:
      break;
  }
  return "not tested";
}

}  // namespace sigmagrad::lab
