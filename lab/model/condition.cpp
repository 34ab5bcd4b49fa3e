// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/condition.hpp>

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include <sigmagrad/lab/model/clause.hpp>

namespace sigmagrad::lab {

using detail::Clause;
using detail::Comparison;
using detail::Joint;

namespace {

Condition condition(Clause clause) { return Condition(std::make_shared<const Clause>(std::move(clause))); }

Condition of_comparison(Comparison comparison) {
  return condition({.comparison = std::make_shared<const Comparison>(std::move(comparison))});
}

Condition joined(Joint joint, std::initializer_list<Condition> conditions) {
  Clause clause{.joint = joint};
  for (const Condition& one : conditions) clause.parts.push_back(one.clause());
  return condition(std::move(clause));
}

using Evaluated = std::vector<StatisticPoints>;

std::vector<bool> positive(const StatisticPoints& points) {
  std::vector<bool> answers;
  for (const auto& point : points) answers.push_back(point.value > 0);
  return answers;
}

std::vector<bool> not_negative(const StatisticPoints& points) {
  std::vector<bool> answers;
  for (const auto& point : points) answers.push_back(point.value >= 0);
  return answers;
}

// The points of `all` that the margins with the smallest value are of.
StatisticPoints closest(const StatisticPoints& all, const StatisticPoints& margins) {
  const auto& worst = *std::ranges::min_element(margins, {}, &StatisticPoint::value);
  const auto is_of = [&](const StatisticPoint& point) {
    return std::ranges::all_of(point.where, [&](const auto& item) {
      const Value* same = detail::find(worst.where, item.first);
      return same != nullptr && same_value(*same, item.second);
    });
  };
  const auto found = std::ranges::find_if(all, is_of);
  return {found == all.end() ? all.front() : *found};
}

// What is said of every group's margin to the limit; the report shows the group with the smallest one.
Condition compared(const Statistic& statistic, const Statistic& limit, const Statistic& margin, std::string asked,
                   std::vector<bool> (*answers)(const StatisticPoints&)) {
  return of_comparison({.statistics = {statistic, limit, margin},
                        .has_limit = true,
                        .asked = std::move(asked),
                        .answers = [answers](const Evaluated& values) { return answers(values[2]); },
                        .shown = [](const Evaluated& values) { return closest(values[0], values[2]); }});
}

// The points along a parameter, in its order, for each combination of the others.
std::vector<StatisticPoints> ordered_lines(const StatisticPoints& points, const Parameter& along) {
  const auto place_of = [&](const std::pair<Value, StatisticPoint>& one) {
    if (along.type == Type::Integer || along.type == Type::Real) return as_number(one.first);
    const auto& order = along.values(Preset::Paper);
    return static_cast<double>(std::ranges::find(order, one.first) - order.begin());
  };
  std::vector<StatisticPoints> ordered;
  for (auto& [where, line] : detail::lines_along(points, along.name)) {
    if (line.size() < 2)
      throw NotRun(
          fmt::format("two values of {} were not run{}{}", along.name, where.empty() ? "" : " at ", to_text(where)));
    std::ranges::sort(line, {}, place_of);
    auto& points_of_line = ordered.emplace_back();
    for (auto& [value, point] : line) points_of_line.push_back(std::move(point));
  }
  return ordered;
}

// Strictly, from the first to the last: upwards, or downwards if `sign` is -1.
Condition monotone(const Statistic& statistic, const Parameter& along, double sign) {
  const auto least_step = [sign](const StatisticPoints& line) {
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t i = 1; i < line.size(); ++i) least = std::min(least, sign * (line[i].value - line[i - 1].value));
    return least;
  };
  const auto answers = [=](const Evaluated& values) {
    std::vector<bool> steps;
    for (const auto& line : ordered_lines(values.front(), along)) {
      for (std::size_t i = 1; i < line.size(); ++i) steps.push_back(sign * (line[i].value - line[i - 1].value) > 0);
      steps.push_back(sign * (line.back().value - line.front().value) > 0);  // surer than a single step
    }
    return steps;
  };
  // If there are many lines, the one that comes closest to a turn, or turns most.
  const auto shown = [=](const Evaluated& values) {
    constexpr std::size_t readable = 8;
    if (values.front().size() <= readable) return values.front();
    return std::ranges::min(ordered_lines(values.front(), along), {}, least_step);
  };
  return of_comparison({.statistics = {statistic},
                        .asked = fmt::format("to {} with {}", sign > 0.0 ? "rise" : "fall", along.name),
                        .answers = answers,
                        .shown = shown,
                        .along = along.name});
}

}  // namespace

Condition Condition::function_of(std::function<Judgement(const Results&)> function) {
  return condition({.fixed = std::make_shared<const detail::Fixed>(detail::Fixed{std::move(function)})});
}

Condition below(const Statistic& statistic, const Statistic& limit) {
  return compared(statistic, limit, limit - statistic, "to be below", positive);
}
Condition above(const Statistic& statistic, const Statistic& limit) {
  return compared(statistic, limit, statistic - limit, "to be above", positive);
}
Condition at_most(const Statistic& statistic, const Statistic& limit) {
  return compared(statistic, limit, limit - statistic, "to be at most", not_negative);
}
Condition at_least(const Statistic& statistic, const Statistic& limit) {
  return compared(statistic, limit, statistic - limit, "to be at least", not_negative);
}

Condition within(const Statistic& statistic, const Statistic& low, const Statistic& high) {
  const auto answers = [](const Evaluated& values) {
    auto all = positive(values[1]);
    const auto others = positive(values[2]);
    all.insert(all.end(), others.begin(), others.end());
    return all;
  };
  const auto shown = [](const Evaluated& values) {
    auto points = closest(values[0], values[1]);
    const auto other = closest(values[0], values[2]).front();
    if (other.where != points.front().where) points.push_back(other);
    return points;
  };
  return of_comparison({.statistics = {statistic, statistic - low, high - statistic},
                        .asked = fmt::format("to be between {} and {}", low.text(), high.text()),
                        .answers = answers,
                        .shown = shown});
}

Condition near(const Statistic& statistic, const Statistic& value, double tolerance) {
  const auto answers = [tolerance](const Evaluated& values) {
    std::vector<bool> all;
    for (const auto& point : values[2]) all.push_back(point.value <= tolerance);
    return all;
  };
  const auto shown = [](const Evaluated& values) {
    auto margins = values[2];
    for (auto& point : margins) point.value = -point.value;
    return closest(values[0], margins);
  };
  return of_comparison({.statistics = {statistic, value, relative_difference(statistic, value)},
                        .has_limit = true,
                        .asked = fmt::format("to be within {:.3g}% of", 100.0 * tolerance),
                        .answers = answers,
                        .shown = shown});
}

Condition increases(const Statistic& statistic, const Parameter& along) { return monotone(statistic, along, 1.0); }
Condition decreases(const Statistic& statistic, const Parameter& along) { return monotone(statistic, along, -1.0); }

Condition all_of(std::initializer_list<Condition> conditions) { return joined(Joint::All, conditions); }
Condition any_of(std::initializer_list<Condition> conditions) { return joined(Joint::Any, conditions); }
Condition operator&&(const Condition& a, const Condition& b) { return all_of({a, b}); }
Condition operator||(const Condition& a, const Condition& b) { return any_of({a, b}); }
Condition operator!(const Condition& a) { return joined(Joint::Not, {a}); }
Condition printed_digits() { return Condition::function_of({}); }

}  // namespace sigmagrad::lab
