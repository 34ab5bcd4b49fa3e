// SPDX-License-Identifier: BSD-3-Clause
// What is drawn beside the data: closed forms, printed numbers, constants.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>

#include <sigmagrad/lab/model/drawing.hpp>

namespace sigmagrad::lab::detail {

void Drawing::draw_printed() {
  std::map<std::string, std::vector<std::pair<double, double>>> crosses;
  for (const Claim& claim : claims_)
    for (const auto& [statistic, number] : claim.printed) {
      const auto simple = statistic.expression()->simple();
      if (!simple || (simple->what != "mean" && simple->what != "median") || !draws(*simple->selection)) continue;
      if (const auto x = printed_x(*simple)) crosses["printed " + simple->what].emplace_back(*x, number);
    }
  for (auto& [label, points] : crosses) {
    std::ranges::sort(points);
    Series series{.label = label, .kind = Kind::Points, .role = Role::Printed};
    for (const auto& [x, y] : points) series.x.push_back(x), series.y.push_back(y);
    add(std::move(series));
  }
}

// Whether a group that is meant, at this or another x, is among those that are drawn.
bool Drawing::draws(const Selection& printed) const {
  auto meant = results_.printed().with(printed);
  if (spec_.x) meant = meant.with(Selection::any(spec_.x->name));
  const auto is_meant = [&](const Group* group) { return meant.matches(group->params()); };
  return std::ranges::any_of(results_.where(chosen_), is_meant) ||
         (spec_.fresh && std::ranges::any_of(results_.where(chosen_.with(fresh_)), is_meant));
}

std::optional<double> Drawing::printed_x(const detail::Simple& simple) {
  for (const Curve& curve : spec_.curves)
    if (simple.quantity.starts_with(curve.name + '@'))
      return std::strtod(simple.quantity.c_str() + curve.name.size() + 1, nullptr);
  if (std::ranges::find(spec_.quantities, simple.quantity, &Quantity::name) == spec_.quantities.end() || !spec_.x)
    return std::nullopt;
  for (const auto& one : simple.selection->criteria())
    if (one.parameter == spec_.x->name && one.value) return x_of(*one.value);
  return std::nullopt;
}

StatisticPoints Drawing::worked_out(const Statistic& statistic, const Line& line) const {
  try {
    return statistic.values(results_.starting_from(chosen_.with(Selection(line.by))));
  } catch (const NotRun&) {
    return {};
  }
}

void Drawing::draw_theory(const Line& line) {
  for (const auto& theory : spec_.theories) {
    if (!spec_.x && spec_.curves.empty())
      throw Error("plot: theory needs a parameter or a curve along which it is drawn");
    if (theory.of_point && spec_.curves.empty()) throw Error("plot: the theory of a curve's points needs a curve");
    Series series{.label = theory.label, .role = Role::Theory};
    if (theory.statistic) {
      for (const auto& point : worked_out(*theory.statistic, line))
        if (!spec_.x)
          for (const auto& [at, s] : line.groups.front()->curve(spec_.curves.front()))
            series.x.push_back(at), series.y.push_back(point.value);
        else if (const auto x = std::ranges::find(point.where, spec_.x->name, &Assignments::value_type::first);
                 x != point.where.end())
          series.x.push_back(x_of(x->second)), series.y.push_back(point.value);
    } else if (theory.curve) {
      for (const Group* group : line.groups)
        if (group->has(*theory.curve))
          for (const auto& [at, s] : group->curve(*theory.curve)) series.x.push_back(at), series.y.push_back(s.median);
    } else if (theory.of_point) {
      for (const Group* group : line.groups)
        for (const auto& [at, s] : group->curve(spec_.curves.front()))
          series.x.push_back(at), series.y.push_back(theory.of_point(group->params(), at));
    } else if (spec_.x) {
      for (const auto& [x, params] : theory_places(line))
        series.x.push_back(x), series.y.push_back(theory.of_params(params));
    } else {
      for (const auto& [at, s] : line.groups.front()->curve(spec_.curves.front()))
        series.x.push_back(at), series.y.push_back(theory.of_params(line.groups.front()->params()));
    }
    add(std::move(series));
  }
}

std::vector<std::pair<double, Params>> Drawing::theory_places(const Line& line) {
  std::vector<std::pair<double, Params>> all;
  for (const auto& [value, groups] : places(line.groups)) all.emplace_back(x_of(value), groups.front()->params());
  std::ranges::sort(all, {}, [](const auto& place) { return place.first; });
  if (spec_.x->type != Type::Real || by_category() || all.size() < 2) return all;
  const double low = all.front().first, high = all.back().first;
  const bool log = panel_.log_x && low > 0;
  if (!std::isfinite(low) || !std::isfinite(high)) return all;
  constexpr int steps = 60;
  std::vector<std::pair<double, Params>> between;
  for (int i = 0; i <= steps; ++i) {
    const double share = static_cast<double>(i) / steps;
    const double x = log ? low * std::pow(high / low, share) : low + (high - low) * share;
    auto items = all.front().second.items();
    for (auto& [name, value] : items)
      if (name == spec_.x->name) value = x;
    between.emplace_back(x, Params(std::move(items)));
  }
  return between;
}

void Drawing::draw_constants() {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const Series& series : panel_.series)
    for (const double x : series.x) low = std::min(low, x), high = std::max(high, x);
  if (low > high) return;
  for (const auto& [y, same, label] : spec_.lines) panel_.series.push_back(theory_line({low, high}, {y, y}, label));
  for (const auto& [bottom, top, label] : spec_.ranges)
    panel_.series.push_back({.label = label,
                             .kind = Kind::Band,
                             .role = Role::Printed,
                             .x = {low, high},
                             .y = {bottom, bottom},
                             .low = {bottom, bottom},
                             .high = {top, top}});
}

}  // namespace sigmagrad::lab::detail
