// SPDX-License-Identifier: BSD-3-Clause
// One condition of a claim, asked of the results and of every resample of their trials.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <sigmagrad/lab/model/claim.hpp>
#include <sigmagrad/lab/model/clause.hpp>

namespace sigmagrad::lab::detail {

enum class Truth { No, Unsure, Yes };

class Inquiry {
 public:
  /// NotRun if a statistic needs what was not run.
  Inquiry(const Results& results, const Claim& claim, const Clause& clause);

  Truth truth() const;
  /// How sure the answer is, and how many trials would settle it.
  std::string to_decide() const;
  /// What each term measured, with its interval.
  std::vector<std::string> measured() const;

 private:
  bool ask(const Clause& clause, const Samples* samples);
  bool ask(const Term& term, const Samples* samples);
  bool ask(const Fixed& fixed);
  Truth truth_of(const Clause& clause) const;
  Truth truth_of(const Term& term) const;
  bool scatters(const Clause& clause) const;
  bool scatters(const Expression& expression) const;
  void measure(const Clause& clause, std::vector<std::string>& texts) const;

  const Results& results_;
  const Claim& claim_;
  const Clause& clause_;
  std::map<const Expression*, std::vector<Pool>> pools_;
  // What a term measured and what that was held against, of the results and then of each resample; and how each of its
  // comparisons came out.
  struct Asked {
    std::vector<StatisticPoints> measured = {}, against = {}, shown = {};
    std::vector<bool> answers = {};
    std::vector<int> agreeing = {};  // resamples, for each comparison
  };
  std::map<const Term*, Asked> asked_;
  std::map<const Fixed*, Judgement> fixed_;
  bool holds_ = false;
  double share_ = 1;  // of the resamples that give the answer of the results
};

/// "mean error: 0.27 [0.15, 0.42] (d = 32)": each of `shown`, with the interval that 95% of the resamples of `all` lie
/// in.
std::string points_text(const Expression& expression, const StatisticPoints& shown,
                        const std::vector<StatisticPoints>& all);

}  // namespace sigmagrad::lab::detail
