// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <sigmagrad/lab/model/condition.hpp>

namespace sigmagrad::lab {

/// A number that a document prints, and what it is of: `{mean(cond_error).at(d == 32), 0.27}`.
struct Printed {
  Statistic statistic;
  double value = 0;
};

/// A reason: a text, with `{:.2g}` and the like in the places of these statistics, or a function of the results if it
/// carries other numbers.
class Why {
 public:
  Why() = default;
  Why(std::string text) : text_(std::move(text)) {}  // NOLINT(google-explicit-constructor)
  Why(const char* text) : text_(text) {}             // NOLINT(google-explicit-constructor)
  Why(const std::string& text, const std::vector<Statistic>& statistics);
  template <class F>
  requires std::convertible_to<std::invoke_result_t<F, const Results&>, std::string> Why(F function)
      : function_(std::move(function)) {}  // NOLINT(google-explicit-constructor)

  std::string operator()(const Results& results) const { return function_ ? function_(results) : text_; }

 private:
  std::string text_;
  std::function<std::string(const Results&)> function_;
};

/// A sentence of a document and what makes it true. It holds if `holds` does; else it holds in shape if `in_shape`
/// does: the sentence without its numbers, or the weaker one that is behind it. Without `holds` it is `in_shape` and
/// the printed digits that must be met, and without a source it is of the experiment's.
struct Claim {
  std::string claim = {};
  std::string source = {};
  std::vector<Printed> printed = {};
  std::string says = {};    // what is printed where it is no number
  double tolerance = 0.02;  // of printed numbers, relative
  Condition holds = {};
  Condition in_shape = {};
  Why why = {};
};

/// Undecided: the trials' scatter leaves both answers open.
enum class Verdict { Holds, HoldsInShape, DoesNotHold, Undecided, NotTested };

/// "holds", "holds in shape", "does not hold", "undecided", "not tested"
std::string_view to_text(Verdict verdict);

/// A claim with what was found.
struct JudgedClaim {
  std::string claim = {};
  std::string source = {};
  std::string printed = {};
  std::string measured = {};
  Verdict verdict = Verdict::NotTested;
  std::string why = {};
  bool unrecorded = false;  // not tested for lack of a number that trials might have recorded
};

}  // namespace sigmagrad::lab
