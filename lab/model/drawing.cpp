// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/drawing.hpp>

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

namespace sigmagrad::lab::detail {

void Drawing::draw() {
  panel_.log_x = panel_.log_x || spec_.log_x;
  panel_.log_y = panel_.log_y || spec_.log_y;
  label_axes();
  if (spec_.form == Plot::Form::Cells) return draw_cells();
  if (spec_.form == Plot::Form::Components) return draw_components();
  if (!spec_.statistics.empty()) return draw_statistics();
  const auto lines = lines_of(results_.where(chosen_));
  for (const Line& line : lines) draw_line(line, {});
  if (spec_.fresh)
    for (const Line& line : lines_of(results_.where(chosen_.with(fresh_)))) draw_line(line, *spec_.fresh);
  if (spec_.printed) draw_printed();
  for (const Line& line : lines) draw_theory(line);
  draw_constants();
}

std::string Drawing::about_means() const {
  return spec_.intervals         ? ": mean, 95% interval"
         : spec_.standard_errors ? ": mean \u00b1 standard error"
                                 : ": mean \u00b1 std";
}

bool Drawing::medians() const { return spec_.medians || !spec_.means; }

void Drawing::draw_line(const Line& line, const std::string& more) {
  if (spec_.form == Plot::Form::Scatter) return draw_scatter(line);
  for (const Curve& curve : spec_.curves) draw_curve(line, curve, more);
  for (const Quantity& quantity : spec_.quantities) {
    const auto label = label_of(quantity.text(), spec_.quantities.size(), line, more);
    const bool both = spec_.medians && spec_.means;
    if (medians()) add(along(line, quantity, both ? label + ": median, quartiles" : label, false));
    if (spec_.means && more.empty()) add(along(line, quantity, both ? label + about_means() : label, true));
  }
}

Role Drawing::role(bool mean) const {
  if (!mean) return Role::Median;
  return spec_.kind == Kind::Line ? Role::Measured : Role::Mean;
}

Series Drawing::along(const Line& line, const Quantity& quantity, const std::string& label, bool mean) {
  Series series{
      .label = label, .kind = spec_.kind.value_or(mean || by_name() ? Kind::Points : Kind::Line), .role = role(mean)};
  std::vector<std::pair<double, Statistics>> points;
  for (const auto& [value, groups] : places(line.groups)) {
    const Sample trials(groups, nullptr);
    if (!trials.has(quantity)) continue;
    const auto values = trials.values(quantity);
    auto& s = points.emplace_back(x_of(value), statistics(values)).second;
    if (spec_.standard_errors) s.std /= std::sqrt(static_cast<double>(values.size()));
    if (spec_.intervals) s.std = mean_interval(values);
  }
  std::ranges::sort(points, {}, [](const auto& point) { return point.first; });
  for (const auto& [x, s] : points) add_point(series, x, s, mean, quantity.bounds);
  return series;
}

void Drawing::add_point(Series& series, double x, const Statistics& s, bool mean, const Bounds& bounds) {
  series.x.push_back(x);
  series.y.push_back(mean ? s.mean : s.median);
  series.low.push_back(std::max(mean ? s.mean - s.std : s.q25, bounds.low));
  series.high.push_back(std::min(mean ? s.mean + s.std : s.q75, bounds.high));
}

void Drawing::draw_curve(const Line& line, const Curve& curve, const std::string& more) {
  const auto label = label_of(curve.text(), spec_.curves.size(), line, more);
  for (const Group* group : line.groups) {
    if (!group->has(curve)) continue;
    if (spec_.trials > 0) {
      draw_trials(*group, curve);
      continue;
    }
    Series series{.label = label, .kind = spec_.kind.value_or(Kind::Line)};
    series.role = role(spec_.means);
    for (auto [at, s] : group->curve(curve)) {
      if (spec_.intervals) s.std = mean_interval(group->values(point_name(curve.name, at)));
      add_point(series, at, s, spec_.means, curve.bounds);
    }
    add(std::move(series));
  }
}

void Drawing::draw_trials(const Group& group, const Curve& curve) {
  std::map<std::int64_t, Series> lines;  // by trial: one may have recorded fewer points than others
  for (const auto& [at, s] : group.curve(curve)) {
    const auto name = point_name(curve.name, at);
    const auto& trials = group.trials_of(name);
    for (std::size_t i = 0; i < trials.size(); ++i) {
      if (trials[i] >= spec_.trials) continue;
      lines[trials[i]].x.push_back(at);
      lines[trials[i]].y.push_back(group.values(name)[i]);
    }
  }
  for (auto& [trial, series] : lines) add(std::move(series));
}

namespace {

// What the trials that recorded both quantities recorded.
std::vector<std::pair<double, double>> paired(const Group& group, const Quantity& one, const Quantity& other) {
  const auto &x = group.values(one), &y = group.values(other);
  const auto &of_x = group.trials_of(one.name), &of_y = group.trials_of(other.name);
  std::vector<std::pair<double, double>> pairs;
  for (std::size_t i = 0, j = 0; i < x.size() && j < y.size();) {
    if (of_x[i] == of_y[j]) pairs.emplace_back(x[i], y[j]);
    const bool first = of_x[i] <= of_y[j], second = of_y[j] <= of_x[i];
    i += first ? 1 : 0;
    j += second ? 1 : 0;
  }
  return pairs;
}

}  // namespace

void Drawing::draw_scatter(const Line& line) {
  Series series{.label = spec_.label.empty() ? text_of(line.by) : spec_.label, .kind = Kind::Points};
  for (const Group* group : line.groups) {
    if (!group->has(spec_.quantities[0]) || !group->has(spec_.quantities[1])) continue;
    if (spec_.medians) {
      add_point(series, group->median(spec_.quantities[0]), group->statistics(spec_.quantities[1]), false,
                spec_.quantities[1].bounds);
      series.role = Role::Median;
      continue;
    }
    for (const auto& [x, y] : paired(*group, spec_.quantities[0], spec_.quantities[1]))
      series.x.push_back(x), series.y.push_back(y);
  }
  add(std::move(series));
}

void Drawing::draw_statistics() {
  for (const Statistic& statistic : spec_.statistics) {
    const auto values = statistic.values(results_.starting_from(chosen_));
    for (auto& [where, points] : lines_along(values, spec_.x->name)) {
      Series series{.label = label_of(statistic.text(), spec_.statistics.size(), {.by = differing(where, values)}, {}),
                    .kind = spec_.kind.value_or(Kind::Line)};
      std::vector<std::pair<double, double>> places;
      for (const auto& [value, point] : points) places.emplace_back(x_of(value), point.value);
      std::ranges::stable_sort(places, {}, &std::pair<double, double>::first);
      for (const auto& [x, y] : places) series.x.push_back(x), series.y.push_back(y);
      add(std::move(series));
    }
  }
  for (const Line& line : lines_of(results_.where(chosen_))) draw_theory(line);
  draw_constants();
}

void Drawing::add(Series series) {
  Series kept = series;
  kept.x.clear(), kept.y.clear(), kept.low.clear(), kept.high.clear();
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    if ((panel_.log_x && !(series.x[i] > 0)) || (panel_.log_y && !(series.y[i] > 0))) continue;
    if (!std::isfinite(series.x[i]) || !std::isfinite(series.y[i])) continue;
    kept.x.push_back(series.x[i]);
    kept.y.push_back(series.y[i]);
    if (i < series.low.size()) kept.low.push_back(series.low[i]), kept.high.push_back(series.high[i]);
  }
  if (!kept.x.empty()) panel_.series.push_back(std::move(kept));
}

}  // namespace sigmagrad::lab::detail

namespace sigmagrad::lab {

namespace {

// Each on its bar, with one entry in the legend.
void add_means_of_bars(const std::vector<Series>& means, Panel& panel) {
  if (means.empty()) return;
  const auto n = static_cast<double>(means.size());
  Series all{.label = means.front().label, .kind = Kind::Points, .role = Role::Mean};
  for (std::size_t bar = 0; bar < means.size(); ++bar)
    for (std::size_t i = 0; i < means[bar].x.size(); ++i) {
      all.x.push_back(means[bar].x[i] + (static_cast<double>(bar) - (n - 1.0) / 2.0) * detail::bar_room / n);
      all.y.push_back(means[bar].y[i]);
      all.low.push_back(means[bar].low[i]), all.high.push_back(means[bar].high[i]);
    }
  panel.series.push_back(std::move(all));
}

}  // namespace

Panel draw(const std::string& title, const std::vector<Plot>& plots, const Results& results,
           const std::vector<Claim>& claims) {
  Panel panel{.title = title};
  std::vector<Series> means;
  for (const Plot& plot : plots) detail::Drawing(plot.spec(), results, claims, panel, means).draw();
  add_means_of_bars(means, panel);
  return panel;
}

}  // namespace sigmagrad::lab
