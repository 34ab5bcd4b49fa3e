// SPDX-License-Identifier: BSD-3-Clause
// What can be varied in an experiment: typed parameters, each with a list of values, and the values one trial is given.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sigmagrad::experiments {

using Value = std::variant<std::int64_t, double, std::string, bool>;
using Values = std::vector<Value>;
using Selection = std::vector<std::pair<std::string, Value>>;

enum class Preset { Quick, Paper };
enum class Type { Integer, Real, Text, Boolean };

/// One axis of the grid. Its type is that of its values (real where any of them is): `{"lr", "learning rate", {0.01}}`.
struct Parameter {
  std::string name = {};
  std::string help = {};
  Values quick = {};
  Values paper = {};  // empty: as quick
  double minimum = -std::numeric_limits<double>::infinity();
  double maximum = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices = {};  // further values of a text parameter, beside those of the presets
  bool any_text = false;                  // of a text parameter: a path, say

  Type type() const;
  const Values& values(Preset preset) const { return preset == Preset::Paper && !paper.empty() ? paper : quick; }
  /// Every value a text parameter may take, in the order declared.
  std::vector<std::string> legal_texts() const;
};

/// The shortest text that reads back as the same value.
std::string to_text(const Value& value);
std::string to_text(const Values& values);  // comma-separated

/// `text` as a value of `parameter`; an Error says what was expected. A real value is finite, or "inf" where the
/// parameter declares an infinite one.
Value parse_value(const Parameter& parameter, std::string_view text);

/// The same number, text or truth value; an integer equals the real of the same size.
bool same_value(const Value& a, const Value& b);

/// The values of one group, in the order the experiment declares them. Asking for a name that does not exist or for
/// the wrong type is an Error. Copies share the values: every trial of a group carries them.
class Params {
 public:
  Params();
  explicit Params(Selection items) : items_(std::make_shared<const Selection>(std::move(items))) {}

  std::int64_t integer(std::string_view name) const;
  double real(std::string_view name) const;
  const std::string& text(std::string_view name) const;
  bool boolean(std::string_view name) const;

  const Value& operator[](std::string_view name) const;
  const Selection& items() const { return *items_; }
  /// Whether every value of `selection` is this group's.
  bool matches(const Selection& selection) const;
  friend bool operator==(const Params& a, const Params& b) { return a.items_ == b.items_ || *a.items_ == *b.items_; }

 private:
  std::shared_ptr<const Selection> items_;  // never null
};

/// `d=64 optimizer=sgd`
std::string to_text(const Params& params);
std::string to_text(const Selection& selection);

}  // namespace sigmagrad::experiments
