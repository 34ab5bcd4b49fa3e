// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/balanced/comparison.hpp>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace sigmagrad::experiments::balanced {

CurvePair curve_pair(const std::string& name, const std::string& label, const std::string& over) {
  return {{.name = name, .label = label, .over = over},
          {.name = "exact_" + name, .label = label + ", exact solution", .over = over}};
}

void Comparison::see(const Quantity& quantity, double value) {
  auto& largest = largest_[quantity.name];
  largest = std::max(largest, value);
}

void Comparison::draw(const CurvePair& curves, double time, double measured, double exact) {
  trial_.record(curves.measured, time, measured);
  trial_.record(curves.exact, time, exact);
}

void Crossing::look(double time, double value) {
  if (!passed_ && value > level_)
    passed_ = last_time_ ? *last_time_ + (time - *last_time_) * (level_ - last_) / (value - last_) : time;
  last_time_ = time;
  last_ = value;
}

Plot beside_exact(const std::vector<CurvePair>& pairs) {
  std::vector<Curve> measured;
  for (const CurvePair& pair : pairs) measured.push_back(pair.measured);
  auto drawn = plot(measured);
  for (const CurvePair& pair : pairs) drawn = drawn.theory("exact solution", pair.exact);
  return drawn;
}

void record_each(std::span<Trial> trials, const Quantity& quantity, const Tensor& values) {
  for (std::size_t b = 0; b < trials.size(); ++b) trials[b].record(quantity, values.data<double>()[b]);
}

void record_entries(Trial& trial, const Curve& entries, const Tensor& matrix) {
  const auto values = matrix.to_vector();
  for (std::size_t e = 0; e < values.size(); ++e) trial.record(entries, static_cast<double>(e), values[e]);
}

PanelFunction matrices(const Curve& entries, const std::string& axis, const Selection& selection,
                       std::string (*title)(const Params&)) {
  return [=](const Results& results) {
    std::vector<Panel> panels;
    for (const Group* group : results.where(selection)) {
      Panel panel{.title = title(group->params()), .x_label = axis, .y_label = axis};
      for (const auto& point : group->curve(entries)) panel.matrix.values.push_back(point.statistics.median);
      panel.matrix.columns = std::llround(std::sqrt(static_cast<double>(panel.matrix.values.size())));
      panels.push_back(panel);
    }
    return panels;
  };
}

PanelFunction table(const Panel& axes, const Parameter& x, const Parameter& y, const Quantity& quantity,
                    double (*number)(double)) {
  return [=](const Results& results) {
    const auto columns = results.values_of(x);
    Panel panel = axes;
    panel.matrix.columns = std::ssize(columns);
    for (const Value& column : columns) panel.matrix.column_names.push_back(to_text(column));
    for (const Value& row : results.values_of(y)) {
      panel.matrix.row_names.push_back(to_text(row));
      for (const Value& column : columns) {
        const auto groups = results.where(Selection::equal(x.name, column) && Selection::equal(y.name, row));
        const bool has = !groups.empty() && groups.front()->has(quantity);
        panel.matrix.values.push_back(has ? number(groups.front()->median(quantity)) : std::nan(""));
      }
    }
    return std::vector<Panel>{panel};
  };
}

Why and_at_smaller_steps(const Why& why, const Real& lr, const Quantity& quantity, const Selection& selection) {
  return [=](const Results& results) {
    const double printed = results.where(results.printed()).front()->params()[lr];
    const auto finer = results.where(selection && lr < printed);
    if (finer.empty()) return why(results) + ".";
    double largest = 0;
    for (const Group* group : finer) largest = std::max(largest, group->median(quantity));
    return fmt::format("{}; at lr {} it is {:.1e}.", why(results), (*finer.back())[lr], largest);
  };
}

}  // namespace sigmagrad::experiments::balanced
