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

std::string at_smaller_steps(const Results& results, const Real& lr, const Quantity& quantity,
                             const Selection& selection) {
  const double printed = results.where(results.printed()).front()->params()[lr];
  const auto finer = results.where(selection && lr < printed);
  if (finer.empty()) return {};
  double largest = 0;
  for (const Group* group : finer) largest = std::max(largest, group->median(quantity));
  return fmt::format("; at lr {} it is {:.1e}", (*finer.back())[lr], largest);
}

double value_of(const Statistic& statistic, const Results& results) { return statistic.values(results).front().value; }

Panel matrix_panel(const std::string& title, const std::string& axis, const Group& group, const Curve& entries) {
  Panel panel{.title = title, .x_label = axis, .y_label = axis};
  for (const auto& point : group.curve(entries)) panel.matrix.values.push_back(point.statistics.median);
  panel.matrix.columns = std::llround(std::sqrt(static_cast<double>(panel.matrix.values.size())));
  return panel;
}

}  // namespace sigmagrad::experiments::balanced
