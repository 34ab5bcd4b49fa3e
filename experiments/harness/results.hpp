// SPDX-License-Identifier: BSD-3-Clause
// What trials measure (Metrics), collected by group of equal parameters (Group) for one experiment (Results).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/experiments/harness/parameters.hpp>
#include <sigmagrad/experiments/harness/statistics.hpp>

namespace sigmagrad::experiments {

/// The numbers one trial returns, in order. All must be finite: any other value fails the trial.
class Metrics {
 public:
  using Item = std::pair<std::string, double>;
  Metrics() = default;
  Metrics(std::initializer_list<Item> items);
  explicit Metrics(std::vector<Item> items);

  Metrics& add(const std::string& name, double value);
  /// One point of a curve (a step, a time, an index): kept as the metric `name@at`, read back by Group::curve.
  Metrics& add_at(const std::string& name, double at, double value);
  const std::vector<Item>& items() const { return items_; }
  friend bool operator==(const Metrics&, const Metrics&) = default;

 private:
  std::vector<Item> items_;
};

/// What was asked for was not run (a group, a metric): figures and claims that need it are left out, saying so.
struct NotRun : Error {
  using Error::Error;
};

struct CurvePoint {
  double at = 0;
  Statistics statistics = {};
};

struct Failure {
  std::int64_t trial = 0;
  std::string reason = {};
};

/// The trials that share their parameters.
class Group {
 public:
  explicit Group(Params params) : params_(std::move(params)) {}

  const Params& params() const { return params_; }
  std::int64_t trials() const { return succeeded_ + static_cast<std::int64_t>(failures_.size()); }
  const std::vector<Failure>& failures() const { return failures_; }

  /// Every metric in the order of its first appearance, points of curves included.
  const std::vector<std::string>& metrics() const { return names_; }
  bool has(const std::string& metric) const { return values_.contains(metric); }
  /// One value a successful trial, in the order of the trials.
  const std::vector<double>& values(const std::string& metric) const;
  Statistics statistics(const std::string& metric) const { return experiments::statistics(values(metric)); }
  double median(const std::string& metric) const { return statistics(metric).median; }
  double mean(const std::string& metric) const { return statistics(metric).mean; }
  /// The points a trial recorded with Metrics::add_at, in the order recorded.
  std::vector<CurvePoint> curve(const std::string& metric) const;

  void add(const Metrics& metrics);
  void add(Failure failure) { failures_.push_back(std::move(failure)); }

 private:
  Params params_;
  std::int64_t succeeded_ = 0;
  std::vector<Failure> failures_;
  std::vector<std::string> names_;
  std::map<std::string, std::vector<double>> values_;
};

/// Some groups, in the order of the grid. The first or last of none is NotRun: all of their trials may have failed.
class Groups : public std::vector<const Group*> {
 public:
  using vector::vector;
  const Group* front() const;
  const Group* back() const;
};

/// Every group of one experiment, in the order of the grid (the first parameter varies slowest).
class Results {
 public:
  explicit Results(std::vector<Group> groups) : groups_(std::move(groups)) {}

  const std::vector<Group>& groups() const { return groups_; }
  /// The one group with these values, `group({{"d", 64}})`: NotRun where there is none, or several of them.
  const Group& group(const Selection& selection) const;
  /// All groups with these values that have a successful trial, in the order of the grid.
  Groups where(const Selection& selection = {}) const;
  /// The different values of one parameter among the groups run, in the order of the grid.
  Values values_of(std::string_view parameter) const;
  std::int64_t failed() const;

 private:
  std::vector<Group> groups_;
};

/// Whether a metric is a point of a curve (`name@at`); tables leave those out.
bool is_curve_point(std::string_view metric);

}  // namespace sigmagrad::experiments
