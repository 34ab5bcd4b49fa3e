// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/figures/plot_style.hpp>

#include <array>
#include <set>

namespace sigmagrad::lab::detail {

namespace {

constexpr std::array colours{"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#777777"};
constexpr std::array filled_points{7, 5, 9, 13, 11, 15, 7};
constexpr std::array open_points{6, 4, 8, 12, 10, 14, 6};
constexpr std::array theory_colours{"#222222", "#555555", "#888888"};
constexpr std::array theory_dashes{2, 4, 3, 5};
constexpr std::array printed_points{2, 1, 3};

template <class Array>
auto cycle(const Array& values, std::size_t i) {
  return values[i % values.size()];
}

}  // namespace

// A new label takes the first place that nothing in its panel has.
Palette::Palette(const Figure& figure) {
  for (const Panel& panel : figure.panels) {
    std::map<const Places*, std::set<std::size_t>> taken;
    for (const Series& series : panel.series)
      if (const auto& known = places(series.role); known.contains(series.label))
        taken[&known].insert(known.at(series.label));
    for (const Series& series : panel.series) {
      Places& known = places(series.role);
      std::size_t place = 0;
      while (taken[&known].contains(place)) ++place;
      if (known.try_emplace(series.label, place).second) taken[&known].insert(place);
    }
  }
}

Style Palette::style(const Series& series) const {
  const std::size_t i = places(series.role).at(series.label);
  switch (series.role) {
    case Role::Theory:
      return {.colour = cycle(theory_colours, i), .dash = cycle(theory_dashes, i)};
    case Role::Printed:
      return {.colour = "#222222", .point = cycle(printed_points, i)};
    case Role::Mean:
      return {.colour = cycle(colours, i), .point = cycle(open_points, i), .dash = 3};
    default:
      break;
  }
  return {.colour = cycle(colours, i), .point = cycle(filled_points, i), .dash = i < colours.size() ? 1 : 4};
}

}  // namespace sigmagrad::lab::detail
