// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/metrics.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/lab/model/quantity.hpp>

namespace sigmagrad::lab {

using engine::fail;

Metrics::Metrics(std::initializer_list<Item> items) {
  for (const auto& [name, value] : items) add(name, value);
}

// A trial may record thousands of points: each name is compared with a few, not with all.
Metrics::Metrics(std::vector<Item> items) : items_(std::move(items)) {
  std::vector<std::string_view> names;
  for (const auto& [name, value] : items_) names.push_back(name);
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  if (twice != names.end()) fail("{}: recorded twice in one trial", *twice);
}

Metrics& Metrics::add(const std::string& name, double value) {
  if (std::ranges::find(items_, name, &Item::first) != items_.end()) fail("{}: recorded twice in one trial", name);
  items_.emplace_back(name, value);
  return *this;
}

Metrics& Metrics::add_at(const std::string& name, double at, double value) { return add(point_name(name, at), value); }

Metrics Metrics::without_clocks() const {
  auto kept = items_;
  std::erase_if(kept, [](const Item& item) { return is_clock(item.first); });
  return Metrics(std::move(kept));
}

bool is_curve_point(std::string_view metric) { return metric.find('@') != std::string_view::npos; }

std::string point_name(const std::string& curve, double at) { return fmt::format("{}@{}", curve, at); }

Quantity Curve::at(double point) const {
  return {.name = point_name(name, point), .label = fmt::format("{} at {} {}", text(), over, point), .bounds = bounds};
}

}  // namespace sigmagrad::lab
