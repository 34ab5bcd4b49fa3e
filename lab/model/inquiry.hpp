// SPDX-License-Identifier: BSD-3-Clause
// One condition of a claim, asked of the results and of every resample of their trials.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <sigmagrad/lab/model/claim.hpp>
#include <sigmagrad/lab/model/clause.hpp>

namespace sigmagrad::lab::detail {

enum class Truth { No, Unsure, Yes };

class Inquiry {
 public:
  /// NotRun if a statistic needs what was not run. `trials_draw`: trials draw random numbers, so that one alone decides
  /// nothing.
  Inquiry(const Results& results, const Claim& claim, const Clause& clause, bool trials_draw);

  Truth truth() const;
  /// How sure the answer is, and how many trials would settle it.
  std::string to_decide() const;
  /// What each comparison measured, with its interval, and what it asks: "median rank: 3 [2.9, 3.1], to be below 2".
  std::vector<std::string> measured() const;

 private:
  // What a comparison measured and what that was held against, of the results and then of each resample; and how each
  // of its answers came out.
  struct Asked {
    std::vector<StatisticPoints> measured = {}, against = {}, shown = {};
    std::vector<bool> answers = {};
    std::vector<int> agreeing = {};  // resamples, for each answer
    bool is_number = true;           // on the results as they are
  };
  // What a function found, and how many trials were behind the numbers that it read.
  struct Found {
    Judgement judgement = {};
    int agreeing = 0;  // resamples
    std::vector<std::size_t> trials = {};
  };

  // `resample` is null for the results as they are.
  bool ask(const Clause& clause, const Resample* resample);
  bool ask(const Comparison& comparison, const Resample* resample);
  bool ask(const Fixed& fixed, const Resample* resample);
  bool ask_digits(const Fixed& fixed);
  // What the results as they are say, if a single trial and what is no number say nothing.
  Truth as_it_is(const Clause& leaf) const;
  // What one answer alone decides on the resamples.
  Truth on_resamples(const Clause& leaf) const;
  Truth truth_of(const Clause& clause, Truth (Inquiry::*of_leaf)(const Clause&) const) const;
  // The numbers of trials behind the groups that a comparison or a function looks at.
  std::vector<std::size_t> trials_behind(const Clause& leaf) const;
  bool scatters(const Clause& clause) const;
  bool lacks_number(const Clause& clause) const;
  void measure(const Clause& clause, bool negated, std::vector<std::string>& texts) const;

  const Results& results_;
  const Claim& claim_;
  const Clause& clause_;
  bool trials_draw_;
  std::map<const Expression*, std::vector<PooledTrials>> pools_;
  std::map<const Comparison*, Asked> asked_;
  std::map<const Fixed*, Found> found_;
  bool holds_ = false;
  bool lost_ = false;  // a number of the resample that is asked is none
  int resampled_ = 0;
  double share_ = 1;  // of the resamples that give the answer of the results
};

/// The values on the results, and on each resample of their trials if one differs from them.
std::vector<StatisticPoints> on_resamples(const Results& results, const Expression& expression);

/// "mean error: 0.27 [0.15, 0.42] (d = 32)": each of `shown`, with the interval that 95% of the resamples of `all` lie
/// in; resamples without a finite number are counted beside it.
std::string points_text(const Expression& expression, const StatisticPoints& shown,
                        const std::vector<StatisticPoints>& all);

}  // namespace sigmagrad::lab::detail
