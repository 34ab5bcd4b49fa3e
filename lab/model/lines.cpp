// SPDX-License-Identifier: BSD-3-Clause
// Values of a statistic, told apart by their parameters.
#include <algorithm>

#include <fmt/format.h>

#include <sigmagrad/lab/model/expression.hpp>

namespace sigmagrad::lab::detail {

const Value* find(const Assignments& where, const std::string& parameter) {
  const auto found = std::ranges::find(where, parameter, &Assignments::value_type::first);
  return found == where.end() ? nullptr : &found->second;
}

Assignments differing(const Assignments& where, const StatisticPoints& points) {
  Assignments some;
  for (const auto& item : where) {
    const auto differs = [&](const StatisticPoint& point) {
      const Value* other = find(point.where, item.first);
      return other == nullptr || !same_value(*other, item.second);
    };
    if (std::ranges::any_of(points, differs)) some.push_back(item);
  }
  return some;
}

std::vector<LineOfPoints> lines_along(const StatisticPoints& points, const std::string& parameter) {
  std::vector<LineOfPoints> lines;
  for (const auto& point : points) {
    const Value* at = find(point.where, parameter);
    if (at == nullptr) throw NotRun(fmt::format("one value of {} alone is meant", parameter));
    auto others = point.where;
    std::erase_if(others, [&](const auto& item) { return item.first == parameter; });
    auto line = std::ranges::find(lines, others, &LineOfPoints::where);
    if (line == lines.end()) line = lines.insert(line, {.where = std::move(others)});
    line->points.emplace_back(*at, point);
  }
  return lines;
}

}  // namespace sigmagrad::lab::detail
