// SPDX-License-Identifier: BSD-3-Clause
// Gradient descent beside the exact solution: what every experiment that compares the two records.
#pragma once

#include <cmath>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <sigmagrad/lab/model/plot.hpp>
#include <sigmagrad/lab/model/trial.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::balanced {

using namespace lab;

/// A curve of gradient descent, and the exact solution's beside it.
struct CurvePair {
  Curve measured, exact;
};
/// The curves `name` and `exact_name`.
CurvePair curve_pair(const std::string& name, const std::string& label, const std::string& over = "time / \u03c4");
/// The measured curves, with the exact ones as theory.
Plot beside_exact(const std::vector<CurvePair>& pairs);

// The size of the representations at the end.
inline const Quantity input_norm{.name = "input_norm", .label = "norm of W1'W1"};
inline const Quantity output_norm{.name = "output_norm", .label = "norm of W2W2'"};

/// Records an entry of `values` [B] in each trial.
void record_each(std::span<Trial> trials, const Quantity& quantity, const Tensor& values);
/// Records a matrix entry by entry, row after row.
void record_entries(Trial& trial, const Curve& entries, const Tensor& matrix);
/// A panel of coloured cells for each of these groups: square matrices that record_entries recorded.
PanelFunction matrices(const Curve& entries, const std::string& axis, const Selection& selection,
                       std::string (*title)(const Params&));

/// A cell for each combination: a row for each value of `y`, a column for each of `x`, medians of these groups by
/// `number`, which rounds them to what a cell has room for.
PanelFunction table(const Panel& axes, const Parameter& x, const Parameter& y, const Quantity& quantity,
                    double (*number)(double));
/// To so many decimals.
template <int decimals>
double rounded(double value) {
  const double unit = std::pow(10.0, decimals);
  return std::round(value * unit) / unit + 0.0;  // no -0
}

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

/// A reason that goes on with "; at lr 0.001 it is 1.2e-03": the largest median of the groups that are meant but with
/// smaller steps than the printed ones, if any were run.
Why and_at_smaller_steps(const Why& why, const Real& lr, const Quantity& quantity, const Selection& selection);

}  // namespace sigmagrad::experiments::balanced
