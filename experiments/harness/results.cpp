// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/harness/results.hpp>

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::experiments {

using engine::fail;

Metrics::Metrics(std::initializer_list<Item> items) {
  for (const auto& [name, value] : items) add(name, value);
}

// Of thousands of points each name is compared with a few, not with all.
Metrics::Metrics(std::vector<Item> items) : items_(std::move(items)) {
  std::vector<std::string_view> names;
  for (const auto& [name, value] : items_) names.push_back(name);
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  if (twice != names.end()) fail("metric {}: added twice", *twice);
}

Metrics& Metrics::add(const std::string& name, double value) {
  if (std::ranges::find(items_, name, &Item::first) != items_.end()) fail("metric {}: added twice", name);
  items_.emplace_back(name, value);
  return *this;
}

Metrics& Metrics::add_at(const std::string& name, double at, double value) {
  return add(fmt::format("{}@{}", name, at), value);
}

bool is_curve_point(std::string_view metric) { return metric.find('@') != std::string_view::npos; }

const std::vector<double>& Group::values(const std::string& metric) const {
  const auto found = values_.find(metric);
  if (found == values_.end()) throw NotRun(fmt::format("no trial of {} has measured {}", to_text(params_), metric));
  return found->second;
}

std::vector<CurvePoint> Group::curve(const std::string& metric) const {
  std::vector<CurvePoint> points;
  const std::string prefix = metric + '@';
  for (const auto& name : names_)
    if (name.starts_with(prefix))
      points.push_back({std::strtod(name.c_str() + prefix.size(), nullptr), statistics(name)});
  if (points.empty()) throw NotRun(fmt::format("no trial of {} has recorded {}", to_text(params_), metric));
  return points;
}

void Group::add(const Metrics& metrics) {
  ++succeeded_;
  for (const auto& [name, value] : metrics.items()) {
    const auto [place, is_new] = values_.try_emplace(name);
    if (is_new) names_.push_back(name);
    place->second.push_back(value);
  }
}

const Group* Groups::front() const {
  if (empty()) throw NotRun("no trial of these groups has succeeded");
  return vector::front();
}

const Group* Groups::back() const {
  if (empty()) throw NotRun("no trial of these groups has succeeded");
  return vector::back();
}

Groups Results::where(const Selection& selection) const {
  Groups found;
  for (const Group& group : groups_)
    if (group.params().matches(selection) && !group.metrics().empty()) found.push_back(&group);
  return found;
}

const Group& Results::group(const Selection& selection) const {
  const auto found = where(selection);
  if (found.empty()) throw NotRun(fmt::format("{} was not run", to_text(selection)));
  if (found.size() > 1) throw NotRun(fmt::format("{} was run {} times", to_text(selection), found.size()));
  return *found.front();
}

Values Results::values_of(std::string_view parameter) const {
  Values values;
  for (const Group* group : where()) {
    const Value& value = group->params()[parameter];
    if (std::ranges::find(values, value) == values.end()) values.push_back(value);
  }
  return values;
}

std::int64_t Results::failed() const {
  std::int64_t count = 0;
  for (const Group& group : groups_) count += static_cast<std::int64_t>(group.failures().size());
  return count;
}

}  // namespace sigmagrad::experiments
