// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/claim.hpp>

#include <fmt/args.h>
#include <fmt/format.h>

namespace sigmagrad::lab {

Why::Why(const std::string& text, const std::vector<Statistic>& statistics)
    : function_([=](const Results& results) {
        fmt::dynamic_format_arg_store<fmt::format_context> numbers;
        for (const Statistic& statistic : statistics) numbers.push_back(statistic.values(results).front().value);
        return fmt::vformat(text, numbers);
      }) {}

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
