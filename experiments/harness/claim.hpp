// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace sigmagrad::experiments {

enum class Verdict { Holds, HoldsInShape, DoesNotHold, NotTested };

/// A sentence of a document, its printed number, and what was measured here.
struct Claim {
  std::string claim = {};
  std::string source = {};
  std::string printed = {};
  std::string measured = {};
  Verdict verdict = Verdict::NotTested;
  std::string why = {};
};

/// `claim` with measured, verdict and why filled in by `measure`; where it asks for a group or a metric that was not
/// run, the verdict is NotTested and `why` says which.
Claim judge(Claim claim, const std::function<void(Claim&)>& measure);

/// "holds", "holds in shape", "does not hold", "not tested"
std::string_view to_text(Verdict verdict);

}  // namespace sigmagrad::experiments
