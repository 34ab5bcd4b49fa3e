// SPDX-License-Identifier: BSD-3-Clause
// What a claim measures: a number for each group that is meant, made of the trials' values.
//
//   median(cond_error).at(d == 32)                 // of the printed setting, with d = 32
//   largest(mean(row_norm_error))                  // the largest of all groups
//   ratio(median(cond_error), median(row_norm_error))
//
// Values are kept as expressions: they are worked out on the results, and again on every resample of their trials.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <sigmagrad/lab/model/results.hpp>

namespace sigmagrad::lab {

namespace detail {
struct Expression;
struct Resample;
}  // namespace detail

/// The trials that one number is made of: those of a group, of several that are pooled, or a resample of them.
class Sample {
 public:
  Sample(std::vector<const Group*> groups, const detail::Resample* resample)
      : groups_(std::move(groups)), resample_(resample) {}

  /// The parameters; those of the first group if several are pooled.
  const Params& params() const { return groups_.front()->params(); }
  template <class V>
  decltype(auto) operator[](const V& variable) const {
    return params()[variable];
  }
  bool has(const Quantity& quantity) const;
  /// NotRun if no trial has recorded it.
  std::vector<double> values(const Quantity& quantity) const;
  double mean(const Quantity& quantity) const { return statistics(values(quantity)).mean; }
  double median(const Quantity& quantity) const { return statistics(values(quantity)).median; }

 private:
  std::vector<const Group*> groups_;
  const detail::Resample* resample_;
};

/// The value of a statistic in one group, or in several that are taken together.
struct StatisticPoint {
  Assignments where = {};  // the parameters that tell it from the others
  double value = 0;
};
using StatisticPoints = std::vector<StatisticPoint>;

class Statistic {
 public:
  /// A constant.
  Statistic(double value);  // NOLINT(google-explicit-constructor): limits are written as numbers
  explicit Statistic(std::shared_ptr<const detail::Expression> expression) : expression_(std::move(expression)) {}

  /// Restricts it to these groups; what the selection does not mention stays as the printed setting has it.
  Statistic at(const Selection& selection) const;
  /// With the trials of all values of this parameter put together.
  Statistic over(const Parameter& parameter) const;
  /// What a report calls it, in place of "median condition number error".
  Statistic called(std::string text) const;

  /// NotRun if no group is meant, or none has recorded what it is made of.
  StatisticPoints values(const Results& results) const;
  std::string text() const;

  const std::shared_ptr<const detail::Expression>& expression() const { return expression_; }

 private:
  std::shared_ptr<const detail::Expression> expression_;
};

// Over the trials of a group.
Statistic mean(const Quantity& quantity);
Statistic std(const Quantity& quantity);  // of the population
Statistic median(const Quantity& quantity);
Statistic q25(const Quantity& quantity);
Statistic q75(const Quantity& quantity);
Statistic largest(const Quantity& quantity);
Statistic smallest(const Quantity& quantity);
/// The part of the trials, 0 to 1, whose value is above (below) `limit`.
Statistic share_above(const Quantity& quantity, double limit);
Statistic share_below(const Quantity& quantity, double limit);
/// Any other function of a group's trials; `text` is what a report calls it.
Statistic of_trials(std::string text, std::function<double(const Sample&)> function);
/// A closed form: a function of the parameters of the groups that are meant.
Statistic expected(std::string text, std::function<double(const Params&)> function);

// Trial by trial, which tells more than two medians do where groups share their seeds: the ratios of a quantity, in the
// groups that are meant, to that of the same trials in the group that `against` changes them to. Trials that one of the
// two has not recorded are left out.
Statistic of_ratios(std::string text, const Quantity& quantity, const Selection& against,
                    std::function<double(const std::vector<double>&)> function);
Statistic median_ratio(const Quantity& quantity, const Selection& against);
/// The median of |ratio - 1|.
Statistic median_change(const Quantity& quantity, const Selection& against);
/// The part of the trials, 0 to 1, whose value is smaller than the one it is compared with.
Statistic share_smaller(const Quantity& quantity, const Selection& against);

// Group by group, matched by the parameters that both have.
Statistic operator+(const Statistic& a, const Statistic& b);
Statistic operator-(const Statistic& a, const Statistic& b);
Statistic operator*(const Statistic& a, const Statistic& b);
Statistic operator/(const Statistic& a, const Statistic& b);
/// a / b, called so.
Statistic ratio(const Statistic& a, const Statistic& b);
/// |a / b - 1|
Statistic relative_difference(const Statistic& a, const Statistic& b);
Statistic abs(const Statistic& a);

// Over the groups that are meant.
Statistic largest(const Statistic& a);
Statistic smallest(const Statistic& a);
Statistic mean(const Statistic& a);
/// The exponent of the power of `along` that the values follow: a least-squares line through the logarithms. NotRun
/// with fewer than three values of `along`.
Statistic growth_exponent(const Statistic& a, const Parameter& along);
/// The largest over the smallest of the values along a parameter. NotRun with fewer than two.
Statistic spread(const Statistic& a, const Parameter& along);

}  // namespace sigmagrad::lab
