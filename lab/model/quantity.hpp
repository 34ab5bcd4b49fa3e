// SPDX-License-Identifier: BSD-3-Clause
// What is measured, as objects: recorded by trials, spoken of by claims, drawn by figures.
#pragma once

#include <limits>
#include <string>
#include <string_view>

namespace sigmagrad::lab {

/// Between which numbers a measure can lie, whatever is measured: a figure's intervals end there.
struct Bounds {
  double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
};

/// One number a trial. `label` is what figures and reports call it, `unit` stands behind its numbers.
struct Quantity {
  std::string name = {};
  std::string label = {};
  std::string unit = {};
  Bounds bounds = {};

  const std::string& text() const { return label.empty() ? name : label; }
};

/// A number at each of several points of a trial: a step, a time, an index, as `over` says.
struct Curve {
  std::string name = {};
  std::string label = {};
  std::string over = {};
  Bounds bounds = {};

  const std::string& text() const { return label.empty() ? name : label; }
  /// The number at one of its points, as a quantity.
  Quantity at(double point) const;
};

/// Recorded by the harness where an experiment says that a diverged trial is a result: 1 if a number was not finite.
inline const Quantity diverged{.name = "diverged", .label = "diverged trials"};

/// Whether a metric is a time that this machine took: its name begins with "clock:". It is kept and reported, but no
/// part of what has the same bytes everywhere: export, JSON, and what merged runs must agree on.
inline bool is_clock(std::string_view metric) { return metric.starts_with("clock:"); }

/// The name under which the point of a curve is kept: `loss@20`.
std::string point_name(const std::string& curve, double at);

}  // namespace sigmagrad::lab
