// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <sigmagrad/lab/compare/standings.hpp>
#include <sigmagrad/lab/model/profiles.hpp>

namespace sigmagrad::lab::detail {

namespace {

// More bands hide each other, and the lines with them.
constexpr std::size_t most_bands = 9;

// A loss may be negative; a logarithmic axis would hide it. One of 0 lies at the end of the axis.
bool none_negative(const Results& results) {
  return std::ranges::all_of(results.where(), [](const Group* group) {
    return !group->has(compared::loss) ||
           std::ranges::all_of(group->curve(compared::loss),
                               [](const CurvePoint& point) { return point.statistics.min >= 0; });
  });
}

// The median and quartiles of losses of which some may be infinite: none where the median is. A band that is open ends
// at the largest finite loss.
void add_point(Series& series, double x, const std::vector<double>& losses) {
  const double median = quantile(losses, 0.5), q75 = quantile(losses, 0.75);
  if (!std::isfinite(median)) return;
  double largest = median;
  for (const double loss : losses)
    if (std::isfinite(loss)) largest = std::max(largest, loss);
  series.x.push_back(x);
  series.y.push_back(median);
  series.low.push_back(quantile(losses, 0.25));
  series.high.push_back(std::isfinite(q75) ? q75 : largest);
}

// The settings by rate; with further options drawn, points.
Series against_rate(const Standing& standing) {
  const Candidate& candidate = *standing.candidate;
  Series series{.label = candidate.name,
                .kind = candidate.variants.size() == 1 && candidate.settings.size() > 1 ? Kind::Line : Kind::Points,
                .role = Role::Median};
  std::vector<std::size_t> order(candidate.settings.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return candidate.settings[i].rate; });
  for (const std::size_t i : order) add_point(series, candidate.settings[i].rate, tuning_losses(standing, i));
  return series;
}

struct Tries {
  Series series = {};
  double lowest = std::numeric_limits<double>::infinity(), highest = -std::numeric_limits<double>::infinity();
};

// A setting that diverged is worse than all that did not; the curve begins where half end with a number.
Tries tries_of(const Standing& standing, bool with_band) {
  Tries found{.series = {.label = standing.candidate->name, .role = Role::Median}};
  const auto losses = setting_losses(standing);
  for (const double loss : losses) {
    if (!std::isfinite(loss)) continue;
    found.lowest = std::min(found.lowest, loss);
    found.highest = std::max(found.highest, loss);
  }
  const auto best = best_of_tries(losses);
  for (std::size_t n = 0; n < losses.size(); ++n) {
    if (!std::isfinite(best.median[n])) continue;
    found.series.x.push_back(static_cast<double>(n + 1));
    found.series.y.push_back(best.median[n]);
    if (!with_band) continue;
    found.series.low.push_back(std::max(best.low[n], found.lowest));
    found.series.high.push_back(std::min(best.high[n], found.highest));
  }
  return found;
}

}  // namespace

std::vector<Panel> comparison_panels(const Setup& setup, const Results& results) {
  const bool log = none_negative(results);
  const auto curves = plot(compared::loss).by(compared::candidate);
  Panel rates{.title = "Every setting tried",
              .x_label = "rate",
              .y_label = compared::tuning.label,
              .log_x = true,
              .log_y = log};
  Panel tries{.title = "The best of some settings",
              .x_label = "settings tried",
              .y_label = "median of the best final loss",
              .log_y = log};
  for (const Standings& standings : standings_of(setup, results))
    for (const Standing& standing : standings.all) {
      if (auto series = against_rate(standing); !series.x.empty()) rates.series.push_back(std::move(series));
      if (auto found = tries_of(standing, false); !found.series.x.empty())
        tries.series.push_back(std::move(found.series));
    }
  std::vector<Panel> panels{draw("At the tuned setting", {log ? curves.log_y() : curves}, results), std::move(rates),
                            std::move(tries)};
  for (Panel& panel : panels)
    if (panel.series.size() > most_bands)
      for (Series& series : panel.series) series.low.clear(), series.high.clear();
  return panels;
}

std::vector<Panel> tries_panels(const Setup& setup, const Results& results) {
  const bool log = none_negative(results);
  std::vector<Panel> panels;
  for (const Standings& standings : standings_of(setup, results))
    for (const Standing& standing : standings.all) {
      auto found = tries_of(standing, true);
      if (found.series.x.size() < 2) continue;
      panels.push_back({.title = standing.candidate->name,
                        .x_label = "settings tried",
                        .y_label = "median of the best final loss",
                        .log_y = log,
                        .series = {std::move(found.series)}});
    }
  return panels;
}

std::vector<Panel> profile_panels(const Setup& setup, const Results& results) {
  Panel panel{.title = "Performance profile",
              .x_label = "steps, as a multiple of the fewest",
              .y_label = "part of the trials",
              .log_x = true};
  std::vector<double> factors;
  for (int i = 0; i <= 60; ++i) factors.push_back(std::pow(10.0, i / 30.0));
  const auto all = standings_of(setup, results);
  for (const Candidate& candidate : setup.candidates) panel.series.push_back({.label = candidate.name});
  std::vector<std::vector<double>> costs(setup.candidates.size());
  std::vector<bool> took_part(setup.candidates.size(), false);
  bool reached = false;
  for (const Standings& standings : all) {
    if (!standings.problem->target) continue;
    std::set<std::int64_t> trials;
    for (const Standing& one : standings.all)
      for (const auto& [trial, steps] : one.steps) trials.insert(trial);
    for (const std::int64_t trial : trials)
      for (std::size_t s = 0; s < setup.candidates.size(); ++s) {
        const auto own = std::ranges::find(standings.all, &setup.candidates[s], &Standing::candidate);
        const bool has = own != standings.all.end() && own->steps.contains(trial);
        took_part[s] = took_part[s] || has;
        costs[s].push_back(has ? std::max(own->steps.at(trial), 1.0) : std::numeric_limits<double>::infinity());
        reached = reached || std::isfinite(costs[s].back());
      }
  }
  if (!reached) return {};
  const auto profile = performance_profile(costs, factors);
  for (std::size_t s = 0; s < costs.size(); ++s)
    if (took_part[s]) panel.series[s].x = factors, panel.series[s].y = profile[s];
  std::erase_if(panel.series, [](const Series& series) { return series.x.empty(); });
  return {std::move(panel)};
}

}  // namespace sigmagrad::lab::detail
