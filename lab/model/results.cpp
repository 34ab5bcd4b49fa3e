// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/results.hpp>

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include <fmt/format.h>

#include <sigmagrad/lab/model/expression.hpp>

namespace sigmagrad::lab {

Group::Group(Params params) : params_(std::move(params)), trials_(std::make_shared<Trials>()) {}

const detail::Recorded& Group::recorded(const std::string& metric) const {
  const auto found = trials_->recorded.find(metric);
  if (found == trials_->recorded.end())
    throw NotRecorded(fmt::format("no trial of {} has recorded {}", to_text(params_), metric));
  return resample_ == nullptr ? found->second : resample_->redrawn(found->second, trials());
}

Group Group::redrawn(const detail::Resample& resample) const {
  Group copy = *this;
  copy.resample_ = &resample;
  return copy;
}

bool Group::has(const Curve& curve) const {
  return std::ranges::any_of(metrics(), [prefix = curve.name + '@'](const auto& m) { return m.starts_with(prefix); });
}

std::vector<CurvePoint> Group::curve(const std::string& name) const {
  std::vector<CurvePoint> points;
  const std::string prefix = name + '@';
  for (const auto& metric : metrics())
    if (metric.starts_with(prefix))
      points.push_back({std::strtod(metric.c_str() + prefix.size(), nullptr), statistics(metric)});
  if (points.empty()) throw NotRecorded(fmt::format("no trial of {} has recorded {}", to_text(params_), name));
  return points;
}

void Group::add(std::int64_t trial, const Metrics& metrics) {
  ++trials_->succeeded;
  for (const auto& [name, value] : metrics.items()) {
    const auto [place, is_new] = trials_->recorded.try_emplace(name);
    if (is_new) trials_->names.push_back(name);
    place->second.values.push_back(value);
    place->second.trials.push_back(trial);
  }
}

const Group* Groups::front() const {
  if (all_.empty()) throw NotRun("no trial of these groups has succeeded");
  return all_.front();
}

const Group* Groups::back() const {
  if (all_.empty()) throw NotRun("no trial of these groups has succeeded");
  return all_.back();
}

Groups Results::where(const Selection& selection) const {
  Groups found;
  for (const Group& group : groups_)
    if (selection.matches(group.params()) && !group.metrics().empty()) found.push_back(&group);
  return found;
}

Results Results::only(const Selection& selection) const {
  Results some;
  some.printed_ = printed_;
  std::ranges::copy_if(groups_, std::back_inserter(some.groups_),
                       [&](const Group& group) { return selection.matches(group.params()); });
  return some;
}

Results Results::starting_from(Selection printed) const {
  Results copy = *this;
  copy.printed_ = std::move(printed);
  return copy;
}

Results Results::redrawn(const detail::Resample& resample) const {
  Results copy = *this;
  for (Group& group : copy.groups_) group = group.redrawn(resample);
  return copy;
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

}  // namespace sigmagrad::lab
