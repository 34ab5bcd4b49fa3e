// SPDX-License-Identifier: BSD-3-Clause
#pragma once

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

/// "holds", "holds in shape", "does not hold", "not tested"
std::string_view to_text(Verdict verdict);

}  // namespace sigmagrad::experiments
