// SPDX-License-Identifier: BSD-3-Clause
// What the axes of a grid look like to the harness, whatever their type, and the values that one trial is given. An
// experiment declares its axes as the typed objects of variables.hpp.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <sigmagrad/lab/model/preset.hpp>

namespace sigmagrad::lab {

using Value = std::variant<std::int64_t, double, std::string, bool>;
using Values = std::vector<Value>;
using Assignments = std::vector<std::pair<std::string, Value>>;

enum class Type { Integer, Real, Text, Boolean };

/// One axis of the grid.
struct Parameter {
  std::string name = {};
  std::string help = {};
  std::string label = {};  // on an axis of a figure; empty: the name
  Type type = Type::Integer;
  Values quick = {};
  Values reduced = {};  // empty: as quick
  Values paper = {};    // likewise
  double minimum = -std::numeric_limits<double>::infinity();
  double maximum = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices = {};  // further values of a text parameter, beside those of the presets
  bool any_text = false;                  // of a text parameter: a path, say

  const std::string& axis_label() const { return label.empty() ? name : label; }
  const Values& values(Preset preset) const { return of_preset(preset, quick, reduced, paper); }
  /// Every value a text parameter may take, in the order declared.
  std::vector<std::string> legal_texts() const;
};

/// The shortest text that reads back as the same value.
std::string to_text(const Value& value);
std::string to_text(const Values& values);  // comma-separated

/// `text` as a value of `parameter`; an Error says what was expected. A real value is finite, or "inf" where the
/// parameter declares an infinite one.
Value parse_value(const Parameter& parameter, std::string_view text);

/// A number as a double; an Error for a text or a truth value.
double as_number(const Value& value);

/// Whether both are one number, text or truth value; an integer equals the real of its size.
bool same_value(const Value& a, const Value& b);

/// The values of one group, in the order the experiment declares them. Asking for a name that does not exist or for
/// the wrong type is an Error. Copies share the values: every trial of a group carries them.
class Params {
 public:
  Params();
  explicit Params(Assignments items) : items_(std::make_shared<const Assignments>(std::move(items))) {}

  std::int64_t integer(std::string_view name) const;
  double real(std::string_view name) const;
  const std::string& text(std::string_view name) const;
  bool boolean(std::string_view name) const;

  const Value& operator[](std::string_view name) const;
  const Assignments& items() const { return *items_; }
  bool has(std::string_view name) const;
  /// The value of a variable, of its type: `params[depth]`.
  template <class V>
  requires requires(const V& variable, const Params& params) { variable.of(params); }
  decltype(auto) operator[](const V& variable) const { return variable.of(*this); }
  friend bool operator==(const Params& a, const Params& b) { return a.items_ == b.items_ || *a.items_ == *b.items_; }

 private:
  std::shared_ptr<const Assignments> items_;  // never null
};

/// `d=64 optimizer=sgd`
std::string to_text(const Params& params);
std::string to_text(const Assignments& assignments);

}  // namespace sigmagrad::lab
