// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/figure.hpp>

#include <algorithm>

namespace sigmagrad::lab {

namespace {

double as_number(const Params& params, std::string_view name) {
  const auto* integer = std::get_if<std::int64_t>(&params[name]);
  return integer ? static_cast<double>(*integer) : params.real(name);
}

void add_point(Series& series, double x, double y, double low, double high) {
  series.x.push_back(x);
  series.y.push_back(y);
  series.low.push_back(low);
  series.high.push_back(high);
}

void add_median(Series& series, double x, const Statistics& s) { add_point(series, x, s.median, s.q25, s.q75); }

}  // namespace

bool Panel::empty() const {
  return std::ranges::all_of(series, [](const Series& s) { return s.x.empty(); }) &&
         std::ranges::none_of(matrix.values, [&](double value) { return matrix.shows(value); });
}

Series medians(const Groups& groups, std::string_view x, const std::string& metric, std::string label) {
  Series series{.label = std::move(label), .role = Role::Median};
  for (const Group* group : groups)
    if (group->has(metric)) add_median(series, as_number(group->params(), x), group->statistics(metric));
  return series;
}

Series means(const Groups& groups, std::string_view x, const std::string& metric, std::string label) {
  Series series{.label = std::move(label), .kind = Kind::Points, .role = Role::Mean};
  for (const Group* group : groups) {
    if (!group->has(metric)) continue;
    const Statistics s = group->statistics(metric);
    add_point(series, as_number(group->params(), x), s.mean, s.mean - s.std, s.mean + s.std);
  }
  return series;
}

Series bars(const Groups& groups, const std::string& metric, std::string label) {
  Series series{.label = std::move(label), .kind = Kind::Bars, .role = Role::Median};
  for (std::size_t i = 0; i < groups.size(); ++i)
    if (groups[i]->has(metric)) add_median(series, static_cast<double>(i), groups[i]->statistics(metric));
  return series;
}

Series curve(const Group& group, const std::string& metric, std::string label) {
  Series series{.label = std::move(label), .role = Role::Median};
  for (const CurvePoint& point : group.curve(metric)) add_median(series, point.at, point.statistics);
  return series;
}

Series theory_line(std::vector<double> x, std::vector<double> y, std::string label) {
  return {.label = std::move(label), .role = Role::Theory, .x = std::move(x), .y = std::move(y)};
}

Series printed(std::vector<double> x, std::vector<double> y, std::string label) {
  return {.label = std::move(label), .kind = Kind::Points, .role = Role::Printed, .x = std::move(x), .y = std::move(y)};
}

}  // namespace sigmagrad::lab
