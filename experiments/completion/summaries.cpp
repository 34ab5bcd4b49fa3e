// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/completion/summaries.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace sigmagrad::experiments::completion {

namespace {

double standard_error(const Statistics& s, std::size_t count) { return s.std / std::sqrt(static_cast<double>(count)); }

// Groups by their value of a numeric parameter, in the order of the grid.
std::vector<std::pair<double, Groups>> split(const Groups& groups, std::string_view parameter) {
  std::vector<std::pair<double, Groups>> parts;
  for (const Group* group : groups) {
    const auto* integer = std::get_if<std::int64_t>(&group->params()[parameter]);
    const double value = integer ? static_cast<double>(*integer) : group->params().real(parameter);
    auto part = std::ranges::find(parts, value, &std::pair<double, Groups>::first);
    if (part == parts.end()) part = parts.insert(part, {value, Groups()});
    part->second.push_back(group);
  }
  return parts;
}

// Adds a point for each value of `x`: `summary` makes (y, low, high) of statistics and a number of trials.
template <class F>
Series line(const Groups& groups, std::string_view x, const std::string& metric, Series series, F summary) {
  for (const auto& [value, part] : split(groups, x)) {
    const auto values = pooled(part, metric);
    const auto [y, low, high] = summary(statistics(values), values.size());
    series.x.push_back(value);
    series.y.push_back(y);
    series.low.push_back(low);
    series.high.push_back(high);
  }
  return series;
}

}  // namespace

Groups having(const Groups& groups, const std::string& metric) {
  Groups some;
  std::ranges::copy_if(groups, std::back_inserter(some), [&](const Group* group) { return group->has(metric); });
  return some;
}

std::vector<double> pooled(const Groups& groups, const std::string& metric) {
  std::vector<double> all;
  for (const Group* group : groups) {
    const auto& values = group->values(metric);
    all.insert(all.end(), values.begin(), values.end());
  }
  if (all.empty()) throw NotRun(metric + ": no group of these parameters was run");
  return all;
}

double pooled_mean(const Groups& groups, const std::string& metric) { return statistics(pooled(groups, metric)).mean; }

std::string mean_and_error(const Groups& groups, const std::string& metric) {
  const auto values = pooled(groups, metric);
  const auto s = statistics(values);
  return fmt::format("{:.3f} \u00b1 {:.3f}", s.mean, standard_error(s, values.size()));
}

Series mean_line(const Groups& groups, std::string_view x, const std::string& metric, std::string label) {
  return line(groups, x, metric, {.label = std::move(label)}, [](const Statistics& s, std::size_t count) {
    const double error = standard_error(s, count);
    return std::array{s.mean, s.mean - error, s.mean + error};
  });
}

Series spread_line(const Groups& groups, std::string_view x, const std::string& metric, std::string label) {
  return line(groups, x, metric, {.label = std::move(label)}, [](const Statistics& s, std::size_t) {
    return std::array{s.mean, s.mean - s.std, s.mean + s.std};
  });
}

Series median_line(const Groups& groups, std::string_view x, const std::string& metric, std::string label) {
  return line(groups, x, metric, {.label = std::move(label), .role = Role::Median},
              [](const Statistics& s, std::size_t) {
                return std::array{s.median, s.q25, s.q75};
              });
}

Panel by_scale(const Groups& groups, const std::string& metric, Summary line) {
  Panel panel{.x_label = "initial scale \u03b1^L", .log_x = true};
  for (const auto& [depth, part] : split(groups, "depth"))
    panel.series.push_back(line(part, "scale", metric, fmt::format("depth {}", depth)));
  return panel;
}

}  // namespace sigmagrad::experiments::completion
