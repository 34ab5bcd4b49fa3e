// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/grid.hpp>

#include <algorithm>
#include <iterator>
#include <map>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::lab::detail {

using engine::fail;

namespace {

constexpr double most_points = 1e6;  // of the grid, as all of them are listed

bool is_number(const Value& value) {
  return std::holds_alternative<std::int64_t>(value) || std::holds_alternative<double>(value);
}

auto list_of(auto& lists, const std::string& name) {
  return std::ranges::find(lists, name, &ValueLists::value_type::first);
}

void add_values(Values& known, const Values& further) {
  const auto before = known.size();
  for (const Value& value : further)
    if (std::ranges::find(known, value) == known.end()) known.push_back(value);
  if (known.size() > before && std::ranges::all_of(known, is_number)) std::ranges::sort(known, {}, as_number);
}

// Before the grid is made: a few long lists have more points than there is memory.
void check_points(const Experiment& experiment, const ValueLists& lists) {
  double points = 1;
  for (const auto& [name, values] : lists) points *= static_cast<double>(values.size());
  if (points > most_points)
    fail("{}: {:g} combinations of parameters are too many for one run (at most {:g})", experiment.id, points,
         most_points);
}

// A point of a grid, and its place in the product of some lists.
struct Point {
  Assignments values = {};
  std::size_t place = 0;
};

// `lists` are among `all`, whose product the places are of.
std::vector<Point> points_of(const ValueLists& lists, const ValueLists& all) {
  std::vector<Point> points{{}};
  for (const auto& [name, known] : all) {
    std::vector<Point> longer;
    for (const Point& point : points)
      for (const Value& value : list_of(lists, name)->second) {
        const auto index = static_cast<std::size_t>(std::ranges::find(known, value) - known.begin());
        longer.push_back({point.values, point.place * known.size() + index});
        longer.back().values.emplace_back(name, value);
      }
    points = std::move(longer);
  }
  return points;
}

// How many times the usual number of trials; 0 where the point is not run.
std::int64_t times_usual(const Experiment& experiment, const Params& params) {
  if (experiment.valid && !experiment.valid(params)) return 0;
  if (is_fresh(params)) return experiment.fresh.times(params, experiment.printed_at);
  return experiment.times ? experiment.times(params) : 1;
}

bool any_valid(const Experiment& experiment, const ValueLists& lists) {
  return std::ranges::any_of(points_of(lists, lists), [&](Point& point) {
    return times_usual(experiment, Params(std::move(point.values))) > 0;
  });
}

// What is in the way: the rule where the experiment says it, and a value of a preset with which there would be a group.
[[noreturn]] void refuse_all(const Experiment& experiment, const ValueLists& lists) {
  auto message = fmt::format("{}: no combination of these parameters is valid", experiment.id);
  if (!experiment.valid_rule.empty()) message += ": " + experiment.valid_rule;
  for (std::size_t i = 0; i < lists.size(); ++i) {
    const Parameter* parameter = experiment.find(lists[i].first);
    if (parameter == nullptr) continue;
    for (const Values* values : {&parameter->quick, &parameter->paper})
      for (const Value& value : *values) {
        auto other = lists;
        other[i].second = {value};
        if (any_valid(experiment, other))
          fail("{}; {} = {} would be, in place of {}", message, parameter->name, to_text(value),
               to_text(lists[i].second));
      }
  }
  throw Error(message);
}

}  // namespace

ValueLists joined_lists(const std::vector<Sweep>& sweeps) {
  ValueLists all = sweeps.front().lists;
  for (const Sweep& sweep : sweeps)
    for (const auto& [name, values] : sweep.lists) add_values(list_of(all, name)->second, values);
  return all;
}

bool contains(const ValueLists& lists, const ValueLists& some) {
  return std::ranges::all_of(some, [&](const auto& list) {
    const auto own = list_of(lists, list.first);
    return own != lists.end() && std::ranges::all_of(list.second, [&](const Value& value) {
             return std::ranges::find(own->second, value) != own->second.end();
           });
  });
}

bool same_parameters(const ValueLists& lists, const ValueLists& some) {
  return lists.size() == some.size() &&
         std::ranges::all_of(some, [&](const auto& list) { return list_of(lists, list.first) != lists.end(); });
}

std::vector<PlannedGroup> groups_of(const Experiment& experiment, const std::vector<Sweep>& sweeps,
                                    const ValueLists& lists) {
  check_points(experiment, lists);
  std::map<std::size_t, PlannedGroup> groups;
  for (const Sweep& sweep : sweeps)
    for (Point& point : points_of(sweep.lists, lists)) {
      Params params(std::move(point.values));
      if (const auto times = times_usual(experiment, params); times > 0)
        groups.insert_or_assign(point.place, PlannedGroup{std::move(params), times * sweep.trials});
    }
  if (groups.empty()) refuse_all(experiment, lists);
  std::vector<PlannedGroup> all;
  for (auto& [place, group] : groups) all.push_back(std::move(group));
  return all;
}

}  // namespace sigmagrad::lab::detail
