// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/inspect/change_figures.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include <sigmagrad/lab/model/statistics.hpp>

namespace sigmagrad::inspection {

namespace {

using lab::Kind;
using lab::Panel;
using lab::Role;
using lab::Series;
using Measured = MatrixChange::Measured;
using Quantity = double (*)(const Measured&);

struct Named {
  const char* label;
  Quantity of;
};

const std::vector<Named> errors{{"overall", [](const Measured& m) { return m.errors.overall; }},
                                {"row norms", [](const Measured& m) { return m.errors.row_norm; }},
                                {"column norms", [](const Measured& m) { return m.errors.col_norm; }},
                                {"singular values", [](const Measured& m) { return m.errors.singular_value; }},
                                {"condition number", [](const Measured& m) { return m.errors.cond; }},
                                {"rank", [](const Measured& m) { return m.errors.rank; }},
                                {"spectral gap", [](const Measured& m) { return m.errors.gap; }},
                                {"Frobenius norm", [](const Measured& m) { return m.errors.fro; }}};
const std::vector<Named> angles{{"left", [](const Measured& m) { return m.left_angles.front(); }},
                                {"right", [](const Measured& m) { return m.right_angles.front(); }}};
const std::vector<Named> ranks{{"effective rank", [](const Measured& m) { return m.after.effective_rank; }},
                               {"stable rank", [](const Measured& m) { return m.after.stable_rank; }}};
const std::vector<Named> ranks_before{{"effective rank", [](const Measured& m) { return m.before.effective_rank; }},
                                      {"stable rank", [](const Measured& m) { return m.before.stable_rank; }}};
const Named condition{"condition number", [](const Measured& m) { return m.after.cond; }};
const Named condition_before{"condition number", [](const Measured& m) { return m.before.cond; }};

constexpr const char* checkpoint = "file, the first is 0";

void add_point(Series& series, double x, double y) {
  if (!std::isfinite(y)) return;
  series.x.push_back(x);
  series.y.push_back(y);
}

Series spectrum(const std::vector<double>& values, const std::string& label, Role role) {
  Series series{.label = label, .kind = Kind::Line, .role = role};
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i] > 0.0) add_point(series, static_cast<double>(i + 1), values[i]);
  return series;
}

// Those of the first file and of a few others, the last among them.
Panel spectra(const MatrixHistory& history) {
  constexpr std::size_t most = 5;
  Panel panel{.title = "Singular values",
              .x_label = "place, the largest first",
              .y_label = "singular value",
              .log_x = true,
              .log_y = true};
  const auto& changes = history.changes;
  panel.series.push_back(spectrum(changes.front().second->before.values, "first file", Role::Theory));
  const auto shown = std::min(most, changes.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& [file, change] = changes[(i + 1) * changes.size() / shown - 1];
    panel.series.push_back(spectrum(change->after.values, fmt::format("file {}", file), Role::Measured));
  }
  return panel;
}

Panel principal_angles(const Measured& change) {
  Panel panel{.title = "Principal angles of the leading subspaces",
              .x_label = "place, the largest first",
              .y_label = "degrees"};
  for (const bool left : {true, false}) {
    Series series{.label = left ? "left" : "right", .kind = Kind::Line};
    const auto& all = left ? change.left_angles : change.right_angles;
    for (std::size_t i = 0; i < all.size(); ++i) add_point(series, static_cast<double>(i + 1), all[i]);
    panel.series.push_back(series);
  }
  return panel;
}

// Whether the values differ by so much that a logarithmic axis has ticks for them.
bool is_wide(const Panel& panel) {
  constexpr double wide = 10;
  double low = std::numeric_limits<double>::infinity(), high = 0.0;
  for (const Series& series : panel.series)
    for (const double y : series.y)
      if (y > 0.0) low = std::min(low, y), high = std::max(high, y);
  return high > wide * low;
}

// Curves over the files; with those of the first file at 0 where it has them.
Panel curves(const MatrixHistory& history, Panel panel, const std::vector<Named>& after,
             const std::vector<Named>& before = {}) {
  panel.x_label = checkpoint;
  for (std::size_t i = 0; i < after.size(); ++i) {
    Series series{.label = after[i].label, .kind = Kind::Line};
    if (!before.empty()) add_point(series, 0.0, before[i].of(*history.changes.front().second));
    for (const auto& [file, change] : history.changes)
      add_point(series, static_cast<double>(file), after[i].of(*change));
    panel.series.push_back(series);
  }
  panel.log_y = panel.log_y && is_wide(panel);
  return panel;
}

// The median of a quantity over the matrices, with quartiles, at each file.
Series medians(const std::vector<MatrixHistory>& all, std::size_t files, const Named& quantity) {
  Series series{.label = quantity.label, .kind = Kind::Line, .role = Role::Median};
  for (std::size_t file = 1; file <= files; ++file) {
    std::vector<double> values;
    for (const auto& history : all)
      for (const auto& [number, change] : history.changes)
        if (number == file && std::isfinite(quantity.of(*change))) values.push_back(quantity.of(*change));
    if (values.empty()) continue;
    const auto statistics = lab::statistics(values);
    add_point(series, static_cast<double>(file), statistics.median);
    series.low.push_back(statistics.q25);
    series.high.push_back(statistics.q75);
  }
  return series;
}

// A quantity of each matrix in the one other file there is.
Series marks(const std::vector<MatrixHistory>& all, const Named& quantity) {
  Series series{.label = quantity.label, .kind = Kind::Points};
  for (std::size_t i = 0; i < all.size(); ++i)
    add_point(series, static_cast<double>(i + 1), quantity.of(*all[i].changes.front().second));
  return series;
}

}  // namespace

std::vector<MatrixHistory> histories(const std::vector<FileChanges>& changes) {
  std::vector<MatrixHistory> all;
  for (std::size_t file = 0; file < changes.size(); ++file)
    for (const MatrixChange& change : changes[file].matrices) {
      if (!change.measured) continue;
      auto known = std::ranges::find(all, change.name, &MatrixHistory::name);
      if (known == all.end()) known = all.insert(known, {.name = change.name});
      known->changes.emplace_back(file + 1, &*change.measured);
    }
  return all;
}

lab::Figure history_figure(const MatrixHistory& history, const std::string& name) {
  lab::Figure figure{.name = name, .caption = history.name + '.', .panels = {spectra(history)}};
  if (history.changes.size() == 1) {
    figure.panels.push_back(principal_angles(*history.changes.front().second));
    return figure;
  }
  figure.panels.push_back(
      curves(history, {.title = "Relative errors", .y_label = "relative to the first file", .log_y = true}, errors));
  figure.panels.push_back(curves(history, {.title = "Largest principal angles", .y_label = "degrees"}, angles));
  figure.panels.push_back(curves(history, {.title = "Ranks", .y_label = "directions"}, ranks, ranks_before));
  figure.panels.push_back(curves(history, {.title = "Condition number", .y_label = "s1 / sn", .log_y = true},
                                 {condition}, {condition_before}));
  return figure;
}

lab::Figure changes_overview(const std::vector<MatrixHistory>& all, std::size_t files, const std::string& name) {
  lab::Figure figure{.name = name};
  Panel distances{.title = "Change relative to the first file", .y_label = "relative error", .log_y = true};
  Panel turns{.title = "Largest principal angles", .y_label = "degrees"};
  for (const bool turned : {false, true}) {
    Panel& panel = turned ? turns : distances;
    panel.x_label = files > 1 ? checkpoint : "matrix";
    for (const Named& quantity : turned ? angles : std::vector{errors[0], errors[3], errors[4]})
      panel.series.push_back(files > 1 ? medians(all, files, quantity) : marks(all, quantity));
  }
  figure.caption = files > 1 ? "All matrices, file by file." : "Every matrix, by its number in the table.";
  figure.panels = {distances, turns};
  return figure;
}

}  // namespace sigmagrad::inspection
