// SPDX-License-Identifier: BSD-3-Clause
// Which groups are meant: `depth == 3 && scale == 0.01`.
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sigmagrad/lab/model/parameters.hpp>

namespace sigmagrad::lab {

/// Conditions on parameters, all of which hold of the groups that are meant. Without a condition, every group is meant.
class Selection {
 public:
  struct Criterion {
    std::string parameter = {};
    std::string text = {};                         // "depth = 3"
    std::optional<Value> value = {};               // the only one that is meant
    Values values = {};                            // those that are named: each of them is meant
    std::function<bool(const Value&)> holds = {};  // none: every value is meant
  };

  Selection() = default;
  /// These values: `{{"depth", 3}, {"scale", 0.01}}`.
  Selection(std::initializer_list<std::pair<std::string, Value>> values);
  explicit Selection(const Assignments& values);

  static Selection equal(const std::string& parameter, Value value);
  static Selection among(const std::string& parameter, Values values);
  /// Numbers that are `relation` ("<", "<=", ">", ">=") `limit`.
  static Selection between(const std::string& parameter, const std::string& relation, double limit);
  static Selection any(const std::string& parameter);
  /// Values of which `holds` is true; `text` says so in a report.
  static Selection where(const std::string& parameter, std::string text, std::function<bool(const Value&)> holds);

  bool matches(const Params& params) const;
  /// These conditions, those on a parameter of which `changes` says something replaced by what it says.
  Selection with(const Selection& changes) const;
  /// Whether one value alone of this parameter is meant.
  bool pins(std::string_view parameter) const;
  const std::vector<Criterion>& criteria() const { return criteria_; }

  friend Selection operator&&(Selection a, const Selection& b);
  /// The values that a single condition does not mean; an Error for several.
  friend Selection operator!(const Selection& selection);

 private:
  std::vector<Criterion> criteria_;
};

/// "depth = 3, scale <= 0.01"; "all" without a condition.
std::string to_text(const Selection& selection);

}  // namespace sigmagrad::lab
