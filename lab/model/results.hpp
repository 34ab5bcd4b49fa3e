// SPDX-License-Identifier: BSD-3-Clause
// What trials recorded, collected by group of equal parameters (Group) for one experiment (Results).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/lab/model/metrics.hpp>
#include <sigmagrad/lab/model/quantity.hpp>
#include <sigmagrad/lab/model/statistics.hpp>
#include <sigmagrad/lab/model/variables.hpp>

namespace sigmagrad::lab {

namespace detail {

struct Resample;

/// What the trials of a group recorded under one name, in the order of the trials.
struct Recorded {
  std::vector<double> values = {};
  std::vector<std::int64_t> trials = {};
};

}  // namespace detail

/// What was asked for was not run (a group, a quantity): figures and claims that need it are left out, saying so.
struct NotRun : Error {
  using Error::Error;
};

/// Groups were run, and none of their trials has recorded what is asked for: perhaps a misspelling.
struct NotRecorded : NotRun {
  using NotRun::NotRun;
};

struct CurvePoint {
  double at = 0;
  Statistics statistics = {};
};

struct Failure {
  std::int64_t trial = 0;
  std::string reason = {};
};

/// The trials that share their parameters. Copies share what is in them.
class Group {
 public:
  explicit Group(Params params);

  const Params& params() const { return params_; }
  /// The value of a parameter, of its type: `group[depth]`.
  template <class V>
  decltype(auto) operator[](const V& variable) const {
    return params_[variable];
  }
  std::int64_t trials() const { return trials_->succeeded + static_cast<std::int64_t>(failures().size()); }
  const std::vector<Failure>& failures() const { return trials_->failures; }

  /// The names of all that was recorded in the order of its first appearance, points of curves included.
  const std::vector<std::string>& metrics() const { return trials_->names; }
  bool has(const std::string& metric) const { return trials_->recorded.contains(metric); }
  bool has(const Quantity& quantity) const { return has(quantity.name); }
  /// Any point of it.
  bool has(const Curve& curve) const;
  /// One value a successful trial that recorded it, in the order of the trials; NotRun if none did.
  const std::vector<double>& values(const std::string& metric) const { return recorded(metric).values; }
  const std::vector<double>& values(const Quantity& quantity) const { return values(quantity.name); }
  /// The numbers of the trials that those values are of.
  const std::vector<std::int64_t>& trials_of(const std::string& metric) const { return recorded(metric).trials; }
  Statistics statistics(const std::string& metric) const { return lab::statistics(values(metric)); }
  Statistics statistics(const Quantity& quantity) const { return statistics(quantity.name); }
  double median(const std::string& metric) const { return statistics(metric).median; }
  double median(const Quantity& quantity) const { return median(quantity.name); }
  double mean(const std::string& metric) const { return statistics(metric).mean; }
  double mean(const Quantity& quantity) const { return mean(quantity.name); }
  /// The points of a curve in the order recorded; NotRun if there are none.
  std::vector<CurvePoint> curve(const std::string& name) const;
  std::vector<CurvePoint> curve(const Curve& curve) const { return this->curve(curve.name); }

  void add(std::int64_t trial, const Metrics& metrics);
  void add(Failure failure) { trials_->failures.push_back(std::move(failure)); }

  /// The group with each trial as often as `resample`, which must outlive it, has drawn it.
  Group redrawn(const detail::Resample& resample) const;

 private:
  struct Trials {
    std::int64_t succeeded = 0;
    std::vector<Failure> failures = {};
    std::vector<std::string> names = {};
    std::map<std::string, detail::Recorded> recorded = {};
  };
  const detail::Recorded& recorded(const std::string& metric) const;

  Params params_;
  std::shared_ptr<Trials> trials_;
  const detail::Resample* resample_ = nullptr;  // null: the trials as they are
};

/// Some groups, in the order of the grid. The first or last of none is NotRun: all of their trials may have failed.
class Groups {
 public:
  const Group* front() const;
  const Group* back() const;
  const Group* operator[](std::size_t place) const { return all_[place]; }
  auto begin() const { return all_.begin(); }
  auto end() const { return all_.end(); }
  std::size_t size() const { return all_.size(); }
  bool empty() const { return all_.empty(); }
  void push_back(const Group* group) { all_.push_back(group); }

 private:
  std::vector<const Group*> all_;
};

/// Every group of one experiment, in the order of the grid (the first parameter varies slowest).
class Results {
 public:
  Results() = default;
  /// `printed`: the experiment's printed setting, from which `at` starts.
  explicit Results(std::vector<Group> groups, Selection printed = {})
      : groups_(std::move(groups)), printed_(std::move(printed)) {}

  const std::vector<Group>& groups() const { return groups_; }
  const Selection& printed() const { return printed_; }

  /// The one group that is meant, starting from the printed setting: `at(depth == 3)`. NotRun where there is none, or
  /// several.
  const Group& at(const Selection& selection = {}) const { return group(printed_.with(selection)); }
  /// The one group with exactly these conditions, whatever was printed.
  const Group& group(const Selection& selection) const;
  /// All groups that are meant and have a successful trial, in the order of the grid.
  Groups where(const Selection& selection = {}) const;
  /// Those groups alone, as results of their own.
  Results only(const Selection& selection) const;
  /// These groups with another setting to start from.
  Results starting_from(Selection printed) const;
  /// These groups with their trials drawn anew.
  Results redrawn(const detail::Resample& resample) const;
  /// The different values of one parameter among the groups that have a successful trial, in the order of the grid.
  Values values_of(std::string_view parameter) const;
  Values values_of(const Parameter& parameter) const { return values_of(parameter.name); }
  std::int64_t failed() const;

 private:
  std::vector<Group> groups_;
  Selection printed_;
};

}  // namespace sigmagrad::lab
