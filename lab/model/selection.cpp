// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/selection.hpp>

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::lab {

using engine::fail;

namespace {

Selection::Criterion equality(const std::string& parameter, Value value) {
  return {.parameter = parameter,
          .text = parameter + " = " + to_text(value),
          .value = value,
          .holds = [value](const Value& other) { return same_value(value, other); }};
}

}  // namespace

Selection::Selection(std::initializer_list<std::pair<std::string, Value>> values) : Selection(Assignments(values)) {}

Selection::Selection(const Assignments& values) {
  for (const auto& [name, value] : values) criteria_.push_back(equality(name, value));
}

Selection Selection::equal(const std::string& parameter, Value value) {
  Selection selection;
  selection.criteria_.push_back(equality(parameter, std::move(value)));
  return selection;
}

Selection Selection::where(const std::string& parameter, std::string text, std::function<bool(const Value&)> holds) {
  Selection selection;
  selection.criteria_.push_back({.parameter = parameter, .text = std::move(text), .holds = std::move(holds)});
  return selection;
}

Selection Selection::among(const std::string& parameter, Values values) {
  auto selection =
      where(parameter, fmt::format("{} in {{{}}}", parameter, to_text(values)), [values](const Value& value) {
        return std::ranges::any_of(values, [&](const Value& one) { return same_value(one, value); });
      });
  selection.criteria_.front().values = std::move(values);
  return selection;
}

Selection Selection::between(const std::string& parameter, const std::string& relation, double limit) {
  const auto holds = [relation, limit](const Value& value) {
    const double number = as_number(value);
    if (relation == "<") return number < limit;
    if (relation == "<=") return number <= limit;
    return relation == ">" ? number > limit : number >= limit;
  };
  return where(parameter, fmt::format("{} {} {}", parameter, relation, limit), holds);
}

Selection Selection::any(const std::string& parameter) { return where(parameter, {}, {}); }

bool Selection::matches(const Params& params) const {
  return std::ranges::all_of(criteria_, [&](const Criterion& one) {
    return !one.holds || one.holds(params[std::string_view(one.parameter)]);
  });
}

Selection Selection::with(const Selection& changes) const {
  Selection result;
  const auto replaced = [&](const Criterion& one) {
    return std::ranges::find(changes.criteria_, one.parameter, &Criterion::parameter) != changes.criteria_.end();
  };
  std::ranges::remove_copy_if(criteria_, std::back_inserter(result.criteria_), replaced);
  return result && changes;
}

bool Selection::pins(std::string_view parameter) const {
  return std::ranges::any_of(criteria_,
                             [&](const Criterion& one) { return one.parameter == parameter && one.value.has_value(); });
}

Selection operator&&(Selection a, const Selection& b) {
  a.criteria_.insert(a.criteria_.end(), b.criteria_.begin(), b.criteria_.end());
  return a;
}

Selection operator!(const Selection& selection) {
  if (selection.criteria_.size() != 1 || !selection.criteria_.front().holds)
    fail("selection: only a single condition can be turned round (got '{}')", to_text(selection));
  const auto& one = selection.criteria_.front();
  return Selection::where(one.parameter, "not " + one.text, [holds = one.holds](const Value& v) { return !holds(v); });
}

std::string to_text(const Selection& selection) {
  std::vector<std::string> texts;
  for (const auto& one : selection.criteria())
    if (!one.text.empty()) texts.push_back(one.text);
  return texts.empty() ? "all" : fmt::format("{}", fmt::join(texts, ", "));
}

}  // namespace sigmagrad::lab
