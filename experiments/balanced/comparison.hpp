// SPDX-License-Identifier: BSD-3-Clause
// Gradient descent beside the exact solution: what every experiment that compares the two records.
#pragma once

#include <map>
#include <optional>
#include <string>

#include <sigmagrad/lab/model/figure.hpp>
#include <sigmagrad/lab/model/statistic.hpp>
#include <sigmagrad/lab/model/trial.hpp>

namespace sigmagrad::experiments::balanced {

using namespace lab;

/// A curve of gradient descent, and the exact solution's beside it.
struct CurvePair {
  Curve measured, exact;
};
/// The curves `name` and `exact_name`.
CurvePair curve_pair(const std::string& name, const std::string& label, const std::string& over = "time / \u03c4");

/// One trial of gradient descent beside the exact solution, seen at some marks.
class Comparison {
 public:
  explicit Comparison(Trial& trial) : trial_(trial) {}

  /// Keeps the largest of the marks.
  void see(const Quantity& quantity, double value);
  double largest(const Quantity& quantity) const { return largest_.at(quantity.name); }
  /// Records the largest value in a unit of one's own.
  void record(const Quantity& quantity, double unit = 1.0) { trial_.record(quantity, largest(quantity) / unit); }
  /// Records a point of both curves.
  void draw(const CurvePair& curves, double time, double measured, double exact);
  Trial& trial() { return trial_; }

 private:
  Trial& trial_;
  std::map<std::string, double> largest_;
};

/// When a value that grows passes a level: between two looks it is on a straight line.
class Crossing {
 public:
  explicit Crossing(double level) : level_(level) {}
  void look(double time, double value);
  /// Empty until the level is passed; the time of the first look if the value is above it from the start.
  const std::optional<double>& time() const { return passed_; }

 private:
  double level_;
  std::optional<double> passed_, last_time_;
  double last_ = 0;
};

/// "; at lr 0.001 it is 1.2e-03": the largest median of the groups that are meant but with smaller steps than the
/// printed ones. Empty where none were run.
std::string at_smaller_steps(const Results& results, const Real& lr, const Quantity& quantity,
                             const Selection& selection);

/// The value of a statistic that leaves one group, for a reason that carries it.
double value_of(const Statistic& statistic, const Results& results);

/// A square matrix that was recorded entry by entry, row after row, as a panel of coloured cells.
Panel matrix_panel(const std::string& title, const std::string& axis, const Group& group, const Curve& entries);

}  // namespace sigmagrad::experiments::balanced
