// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/condition.hpp>

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include <sigmagrad/lab/model/clause.hpp>

namespace sigmagrad::lab {

using detail::Clause;
using detail::Joint;
using detail::Term;

namespace {

Condition condition(Clause clause) { return Condition(std::make_shared<const Clause>(std::move(clause))); }

Condition of_term(Term term) { return condition({.term = std::make_shared<const Term>(std::move(term))}); }

Condition joined(Joint joint, std::initializer_list<Condition> conditions) {
  Clause clause{.joint = joint};
  for (const Condition& one : conditions) clause.parts.push_back(one.clause());
  return condition(std::move(clause));
}

bool all_positive(const StatisticPoints& points) {
  return std::ranges::all_of(points, [](const StatisticPoint& point) { return point.value > 0; });
}

StatisticPoints worst_above(const StatisticPoints& points) {
  return {*std::ranges::max_element(points, {}, &StatisticPoint::value)};
}
StatisticPoints worst_below(const StatisticPoints& points) {
  return {*std::ranges::min_element(points, {}, &StatisticPoint::value)};
}
StatisticPoints extremes(const StatisticPoints& points) {
  auto shown = worst_below(points);
  if (points.size() > 1) shown.push_back(worst_above(points).front());
  return shown;
}

// The points along a parameter, in its order, for each combination of the others.
std::vector<StatisticPoints> lines_along(const StatisticPoints& points, const Parameter& along) {
  std::vector<std::pair<Assignments, std::vector<std::pair<double, StatisticPoint>>>> lines;
  const auto place_of = [&](const Value& value) {
    if (along.type == Type::Integer || along.type == Type::Real) return as_number(value);
    const auto& order = along.values(Preset::Paper);
    return static_cast<double>(std::ranges::find(order, value) - order.begin());
  };
  for (const auto& point : points) {
    auto others = point.where;
    const auto own = std::ranges::find(others, along.name, &Assignments::value_type::first);
    if (own == others.end()) throw NotRun(fmt::format("one value of {} alone is meant", along.name));
    const double place = place_of(own->second);
    others.erase(own);
    auto line = std::ranges::find(lines, others, [](const auto& one) { return one.first; });
    if (line == lines.end()) line = lines.insert(line, {others, {}});
    line->second.emplace_back(place, point);
  }
  std::vector<StatisticPoints> sorted;
  for (auto& [others, line] : lines) {
    if (line.size() < 2)
      throw NotRun(
          fmt::format("two values of {} were not run{}{}", along.name, others.empty() ? "" : " at ", to_text(others)));
    std::ranges::sort(line, {}, [](const auto& one) { return one.first; });
    auto& points_of_line = sorted.emplace_back();
    for (auto& [place, point] : line) points_of_line.push_back(std::move(point));
  }
  return sorted;
}

// Strictly, from the first to the last: upwards, or downwards if `sign` is -1.
Condition monotone(const Statistic& statistic, const Parameter& along, double sign) {
  const auto least_step = [sign](const StatisticPoints& line) {
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t i = 1; i < line.size(); ++i) least = std::min(least, sign * (line[i].value - line[i - 1].value));
    return least;
  };
  const auto holds = [=](const std::vector<StatisticPoints>& values) {
    const auto lines = lines_along(values.front(), along);
    const auto wrong = [sign](const auto& a, const auto& b) { return !(sign * (b.value - a.value) > 0); };
    return std::ranges::all_of(lines,
                               [&](const auto& line) { return std::ranges::adjacent_find(line, wrong) == line.end(); });
  };
  // Of many lines, the one that comes closest to a turn, or turns most.
  const auto shown = [=](const StatisticPoints& points) {
    constexpr std::size_t readable = 8;
    if (points.size() <= readable) return points;
    return std::ranges::min(lines_along(points, along), {}, least_step);
  };
  return of_term({.statistics = {statistic}, .holds = holds, .shown = shown, .along = along.name});
}

}  // namespace

Condition Condition::function_of(std::function<Judgement(const Results&)> function) {
  return condition({.fixed = std::make_shared<const detail::Fixed>(detail::Fixed{std::move(function)})});
}

Condition below(const Statistic& statistic, const Statistic& limit) {
  return of_term({.statistics = {statistic, limit, limit - statistic},
                  .holds = [](const auto& values) { return all_positive(values[2]); },
                  .shown = worst_above});
}

Condition above(const Statistic& statistic, const Statistic& limit) {
  return of_term({.statistics = {statistic, limit, statistic - limit},
                  .holds = [](const auto& values) { return all_positive(values[2]); },
                  .shown = worst_below});
}

Condition within(const Statistic& statistic, const Statistic& low, const Statistic& high) {
  return of_term({.statistics = {statistic, low, high, statistic - low, high - statistic},
                  .holds = [](const auto& values) { return all_positive(values[3]) && all_positive(values[4]); },
                  .shown = extremes});
}

Condition near(const Statistic& statistic, const Statistic& value, double tolerance) {
  return of_term({.statistics = {statistic, value, relative_difference(statistic, value)},
                  .holds =
                      [tolerance](const auto& values) {
                        return std::ranges::all_of(
                            values[2], [&](const StatisticPoint& point) { return point.value <= tolerance; });
                      },
                  .shown = extremes});
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
