// SPDX-License-Identifier: BSD-3-Clause
// What can be varied, as typed objects: they declare an axis of the grid, read its value in a trial, and select groups.
//
//   const Int depth{.name = "depth", .help = "number of factors", .quick = {2, 3}, .paper = {2, 3, 4}, .minimum = 1};
//   trial[depth]                       // a std::int64_t
//   depth == 3 && scale <= 0.01        // a Selection
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <sigmagrad/lab/model/parameters.hpp>
#include <sigmagrad/lab/model/selection.hpp>

namespace sigmagrad::lab {

/// A number, of one value a group. `reduced` and `paper` are as `quick` if they are empty; `label` names an axis of a
/// figure. Values outside of [minimum, maximum] are refused, on the command line too.
template <class T>
struct Number {
  std::string name = {};
  std::string help = {};
  std::string label = {};
  std::vector<T> quick = {};
  std::vector<T> reduced = {};
  std::vector<T> paper = {};
  double minimum = -std::numeric_limits<double>::infinity();
  double maximum = std::numeric_limits<double>::infinity();

  operator Parameter() const;
  T of(const Params& params) const;

  /// This variable with the values that one experiment gives it: `.parameters = {depth.with({2, 3})}`.
  Number with(std::vector<T> quick_values, std::vector<T> paper_values = {}) const {
    auto copy = *this;
    copy.quick = std::move(quick_values);
    copy.reduced.clear();
    copy.paper = std::move(paper_values);
    return copy;
  }
  Number at_least(double limit) const {
    auto copy = *this;
    copy.minimum = limit;
    return copy;
  }
};

using Int = Number<std::int64_t>;
using Real = Number<double>;

/// A text: one of `quick`, `reduced`, `paper` and the further `choices`, or anything at all (a path, say) if
/// `any_text`.
struct Text {
  std::string name = {};
  std::string help = {};
  std::string label = {};
  std::vector<std::string> quick = {};
  std::vector<std::string> reduced = {};
  std::vector<std::string> paper = {};
  std::vector<std::string> choices = {};
  bool any_text = false;

  operator Parameter() const;
  const std::string& of(const Params& params) const { return params.text(name); }
};

/// True or false.
struct Flag {
  std::string name = {};
  std::string help = {};
  std::string label = {};
  std::vector<bool> quick = {false};
  std::vector<bool> reduced = {};
  std::vector<bool> paper = {};

  operator Parameter() const;
  bool of(const Params& params) const { return params.boolean(name); }
};

// The selections of groups that variables make.

template <class T>
Selection operator==(const Number<T>& variable, std::type_identity_t<T> value) {
  return Selection::equal(variable.name, value);
}
template <class T>
Selection operator!=(const Number<T>& variable, std::type_identity_t<T> value) {
  return !Selection::equal(variable.name, value);
}
template <class T>
Selection operator<(const Number<T>& variable, double limit) {
  return Selection::between(variable.name, "<", limit);
}
template <class T>
Selection operator<=(const Number<T>& variable, double limit) {
  return Selection::between(variable.name, "<=", limit);
}
template <class T>
Selection operator>(const Number<T>& variable, double limit) {
  return Selection::between(variable.name, ">", limit);
}
template <class T>
Selection operator>=(const Number<T>& variable, double limit) {
  return Selection::between(variable.name, ">=", limit);
}
inline Selection operator==(const Text& variable, const std::string& value) {
  return Selection::equal(variable.name, value);
}
inline Selection operator!=(const Text& variable, const std::string& value) {
  return !Selection::equal(variable.name, value);
}
inline Selection operator==(const Flag& variable, bool value) { return Selection::equal(variable.name, value); }

/// These values, each of them: a claim of one that was not run is not tested.
template <class T>
Selection among(const Number<T>& variable, const std::vector<std::type_identity_t<T>>& values) {
  return Selection::among(variable.name, {values.begin(), values.end()});
}
inline Selection among(const Text& variable, const std::vector<std::string>& values) {
  return Selection::among(variable.name, {values.begin(), values.end()});
}

/// Every value: takes back what the printed setting says of it.
inline Selection any(const Parameter& variable) { return Selection::any(variable.name); }

/// The harness' own parameter of experiments with fresh trials: those of the printed setting, or others with seeds that
/// none of the former has. A claim that was read off ten trials is checked on trials that had no part in it.
inline const Text trial_source{.name = "sample",
                               .help = "the trials of the printed setting, or fresh ones with other seeds",
                               .quick = {"paper", "other"}};

}  // namespace sigmagrad::lab
