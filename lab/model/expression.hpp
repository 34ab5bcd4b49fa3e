// SPDX-License-Identifier: BSD-3-Clause
// The inside of statistics: expressions, and the resamples of trials on which they are worked out.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sigmagrad/lab/model/statistic.hpp>

namespace sigmagrad::lab::detail {

/// One resample, with replacement: how often each trial is drawn. Groups of equally many trials share the draws, so
/// that what shares its seeds is compared in pairs. The draws depend on `number` alone, hence are the same in every
/// run.
struct Resample {
  std::uint64_t number = 0;                                               // 0: every trial once
  mutable std::map<std::int64_t, std::vector<std::int32_t>> counts = {};  // by the number of trials
  mutable std::map<const Recorded*, Recorded> read = {};                  // through results that it has redrawn

  const std::vector<std::int32_t>& of(std::int64_t trials) const;
  /// What a group of so many trials recorded, each trial as often as it is drawn; as it is, if none of those trials is.
  const Recorded& redrawn(const Recorded& recorded, std::int64_t trials) const;
};

/// Groups that are one sample.
struct Pool {
  std::vector<const Group*> groups = {};
  Assignments where = {};
  /// The trials of the group that has most; none: a closed form, which no trial is behind.
  std::optional<std::size_t> trials = {};
};

/// The results to work on; which groups a term means is looked up once for all resamples.
struct View {
  const Results& results;
  std::map<const Expression*, std::vector<Pool>>& pools;
  const Resample* resample = nullptr;  // null: the trials as they are
};

/// A statistic of one quantity, as a figure shows what is printed of it.
struct Simple {
  std::string what = {};  // "mean", "median", ...
  std::string quantity = {};
  const Selection* selection = nullptr;
};

using ExpressionRef = std::shared_ptr<const Expression>;

struct Expression {
  virtual ~Expression() = default;
  virtual StatisticPoints evaluate(const View& view) const = 0;
  /// A copy with these conditions in every term.
  virtual ExpressionRef at(const Selection& selection) const = 0;
  /// A copy in which every term pools the values of this parameter.
  virtual ExpressionRef over(const std::string& parameter) const = 0;
  /// "median condition number", and "at d = 32 in fresh trials": apart, so that a compound says the latter once.
  virtual std::string label() const = 0;
  virtual std::string place() const { return {}; }
  std::string text() const { return place().empty() ? label() : label() + ' ' + place(); }
  virtual bool is_constant() const { return false; }
  virtual std::string unit() const { return {}; }
  virtual std::vector<ExpressionRef> parts() const { return {}; }
  virtual std::optional<Simple> simple() const { return std::nullopt; }
  /// Adds the names of all parameters that are spoken of, to be checked before anything runs.
  virtual void names(std::vector<std::string>& parameters) const = 0;
};

/// The value of a parameter; null where it has none.
const Value* find(const Assignments& where, const std::string& parameter);
/// The parameters of `where` that differ among the points.
Assignments differing(const Assignments& where, const StatisticPoints& points);

/// Points along a parameter, each with its value, in the order in which they were given.
struct LineOfPoints {
  Assignments where = {};  // the other parameters
  std::vector<std::pair<Value, StatisticPoint>> points = {};
};
/// A line for each combination of the other parameters. NotRun if a point has no value of this one.
std::vector<LineOfPoints> lines_along(const StatisticPoints& points, const std::string& parameter);

/// "at d = 32 in fresh trials"
std::string place_text(const Selection& selection);

}  // namespace sigmagrad::lab::detail
