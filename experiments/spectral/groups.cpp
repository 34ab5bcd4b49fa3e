// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <sigmagrad/experiments/spectral/groups.hpp>
#include <tuple>

namespace sigmagrad::experiments::spectral {

Selection with(Selection base, const Selection& changes) {
  for (const auto& [name, value] : changes) {
    const auto place = std::ranges::find(base, name, &Selection::value_type::first);
    if (place == base.end())
      base.emplace_back(name, value);
    else
      place->second = value;
  }
  return base;
}

Groups slice(const Results& results, const Selection& selection, std::string_view x) {
  const auto groups = results.where(selection);
  if (groups.empty()) return groups;
  auto others = groups.front()->params().items();
  std::erase_if(others, [&](const auto& item) { return item.first == x; });
  return results.where(with(others, selection));
}

const std::vector<std::pair<std::string, std::string>>& component_names() {
  static const std::vector<std::pair<std::string, std::string>> names = {
      {"row_norm_error", "row norms"}, {"col_norm_error", "column norms"}, {"singular_value_error", "sing. values"},
      {"cond_error", "condition no."}, {"rank_error", "eff. rank"},        {"gap_error", "spectral gap"},
      {"fro_error", "Frobenius"},      {"overall_error", "overall"}};
  return names;
}

std::vector<std::string> component_categories() {
  std::vector<std::string> categories;
  for (const auto& [metric, name] : component_names()) categories.push_back(name);
  return categories;
}

namespace {

template <class Point>
Series by_component(const Group& group, Series series, Point point) {
  for (std::size_t i = 0; i < component_names().size(); ++i) {
    const auto [y, low, high] = point(group.statistics(component_names()[i].first));
    series.x.push_back(static_cast<double>(i));
    series.y.push_back(y);
    series.low.push_back(low);
    series.high.push_back(high);
  }
  return series;
}

}  // namespace

Series component_bars(const Group& group, std::string label) {
  return by_component(group, {.label = std::move(label), .kind = Kind::Bars, .role = Role::Median},
                      [](const Statistics& s) { return std::tuple(s.median, s.q25, s.q75); });
}

Series component_means(const Group& group, std::string label) {
  return by_component(group, {.label = std::move(label), .kind = Kind::Points, .role = Role::Mean},
                      [](const Statistics& s) { return std::tuple(s.mean, s.mean - s.std, s.mean + s.std); });
}

}  // namespace sigmagrad::experiments::spectral
