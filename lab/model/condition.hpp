// SPDX-License-Identifier: BSD-3-Clause
// What a claim says of its statistics, to be true or not: `decreases(median(rank), depth)`.
#pragma once

#include <concepts>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include <sigmagrad/lab/model/statistic.hpp>

namespace sigmagrad::lab {

namespace detail {
struct Clause;
}  // namespace detail

/// What a function of one's own finds.
struct Judgement {
  bool holds = false;
  std::string measured = {};
};

/// True or false of the results, and of every resample of their trials. A statistic that leaves several groups speaks
/// of each of them.
class Condition {
 public:
  /// None: a claim without one is not judged by it.
  Condition() = default;
  explicit Condition(std::shared_ptr<const detail::Clause> clause) : clause_(std::move(clause)) {}
  /// What has no term: `[](const Results& results) -> Judgement {...}`. It is asked of the resamples as well.
  template <class F>
  requires std::convertible_to<std::invoke_result_t<F, const Results&>, Judgement> Condition(F function)
      : Condition(function_of(std::move(function))) {}  // NOLINT: rows of claims are made of lambdas

  bool is_given() const { return clause_ != nullptr; }
  const std::shared_ptr<const detail::Clause>& clause() const { return clause_; }

 private:
  friend Condition printed_digits();
  static Condition function_of(std::function<Judgement(const Results&)> function);

  std::shared_ptr<const detail::Clause> clause_;
};

/// Below the limit in every group that is meant; what was measured names the worst. `a < b` is short for it.
Condition below(const Statistic& statistic, const Statistic& limit);
Condition above(const Statistic& statistic, const Statistic& limit);
inline Condition operator<(const Statistic& a, const Statistic& b) { return below(a, b); }
inline Condition operator>(const Statistic& a, const Statistic& b) { return above(a, b); }
/// At the limit or below it in every group, `a <= b` for short. `!(a > b)` is weaker: one group below is enough for it.
Condition at_most(const Statistic& statistic, const Statistic& limit);
Condition at_least(const Statistic& statistic, const Statistic& limit);
inline Condition operator<=(const Statistic& a, const Statistic& b) { return at_most(a, b); }
inline Condition operator>=(const Statistic& a, const Statistic& b) { return at_least(a, b); }
Condition within(const Statistic& statistic, const Statistic& low, const Statistic& high);
/// |statistic / value - 1| <= tolerance
Condition near(const Statistic& statistic, const Statistic& value, double tolerance);
/// Strictly, along the values of a parameter, within every combination of the others. NotRun with fewer than two
/// values.
Condition increases(const Statistic& statistic, const Parameter& along);
Condition decreases(const Statistic& statistic, const Parameter& along);
Condition all_of(std::initializer_list<Condition> conditions);
Condition any_of(std::initializer_list<Condition> conditions);
Condition operator&&(const Condition& a, const Condition& b);
Condition operator||(const Condition& a, const Condition& b);
Condition operator!(const Condition& a);
/// The claim's printed numbers are met, each to the claim's tolerance. It is not resampled: the digits of one run are
/// compared with those of another.
Condition printed_digits();

}  // namespace sigmagrad::lab
