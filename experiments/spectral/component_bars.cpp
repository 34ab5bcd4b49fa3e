// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/spectral/component_bars.hpp>

#include <array>
#include <utility>

namespace sigmagrad::experiments::spectral {
namespace {

constexpr std::array<std::pair<const char*, const char*>, 8> components = {{{"row_norm_error", "rows"},
                                                                            {"col_norm_error", "cols"},
                                                                            {"singular_value_error", "sv"},
                                                                            {"cond_error", "cond"},
                                                                            {"rank_error", "rank"},
                                                                            {"gap_error", "gap"},
                                                                            {"fro_error", "Frob."},
                                                                            {"overall_error", "overall"}}};
constexpr double bar_room = 0.8;  // of the distance between two components, as the harness draws bars

}  // namespace

std::vector<LabelledGroup> those_run(const Results& results,
                                     const std::vector<std::pair<std::string, Selection>>& wanted) {
  std::vector<LabelledGroup> found;
  for (const auto& [label, selection] : wanted)
    if (const auto groups = results.where(selection); !groups.empty()) found.push_back({label, groups.front()});
  return found;
}

Panel component_bars(std::string title, const std::vector<LabelledGroup>& groups) {
  Panel panel{.title = std::move(title), .y_label = "relative error", .log_y = true};
  for (const auto& [metric, name] : components) panel.categories.emplace_back(name);
  Series mean{.label = "mean \u00b1 std", .kind = Kind::Points, .role = Role::Mean};
  const auto n = static_cast<double>(groups.size());
  for (std::size_t g = 0; g < groups.size(); ++g) {
    Series bars{.label = groups[g].label, .kind = Kind::Bars, .role = Role::Median};
    for (std::size_t c = 0; c < components.size(); ++c) {
      const auto s = groups[g].group->statistics(components[c].first);
      const double x = static_cast<double>(c), shift = (static_cast<double>(g) - (n - 1.0) / 2.0) * bar_room / n;
      bars.x.push_back(x), bars.y.push_back(s.median), bars.low.push_back(s.q25), bars.high.push_back(s.q75);
      mean.x.push_back(x + shift), mean.y.push_back(s.mean);
      mean.low.push_back(s.mean - s.std), mean.high.push_back(s.mean + s.std);
    }
    panel.series.push_back(std::move(bars));
  }
  panel.series.push_back(std::move(mean));
  return panel;
}

}  // namespace sigmagrad::experiments::spectral
