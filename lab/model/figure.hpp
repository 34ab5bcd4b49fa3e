// SPDX-License-Identifier: BSD-3-Clause
// A figure as data: what is drawn, not how. Colours, legends and ticks are the harness's.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <sigmagrad/lab/model/results.hpp>

namespace sigmagrad::lab {

enum class Kind { Line, Points, Band, Bars };
/// Where the numbers come from; each role has a look of its own (theory is dark and dashed).
enum class Role { Measured, Median, Mean, Theory, Printed };

/// `low` and `high` are optional: a band about a line, error bars about points and bars; Kind::Band is the band alone.
/// A label has one colour in all panels of a figure and one entry in the legend of each.
struct Series {
  std::string label = {};
  Kind kind = Kind::Line;
  Role role = Role::Measured;
  std::vector<double> x = {};
  std::vector<double> y = {};
  std::vector<double> low = {};
  std::vector<double> high = {};
};

/// Coloured cells in place of series: values row by row, the first row on top; names of rows and columns where they
/// have any, else their numbers from 1. Values of both signs are coloured by sign, about 0; a cell without a number
/// (NaN, or what is not positive on a logarithmic scale) stays empty. Few cells show their numbers.
struct Matrix {
  std::int64_t columns = 0;
  std::vector<double> values = {};
  std::vector<std::string> row_names = {};
  std::vector<std::string> column_names = {};
  std::string label = {};  // what the colours measure, with its unit
  bool log = false;        // colours by the logarithm (Panel::log_y is about series)

  bool shows(double value) const { return std::isfinite(value) && (!log || value > 0); }

  std::int64_t rows() const { return columns > 0 ? static_cast<std::int64_t>(values.size()) / columns : 0; }
};

struct Panel {
  std::string title = {};
  std::string x_label = {};
  std::string y_label = {};
  bool log_x = false;
  bool log_y = false;
  std::vector<std::string> categories = {};  // names of x = 0, 1, ...
  std::vector<Series> series = {};
  Matrix matrix = {};

  bool is_matrix() const { return !matrix.values.empty(); }
  bool empty() const;  // nothing to draw
};

/// `name` is the file's (figures/<name>.svg), of letters, digits, - and _: the experiment's id as "family-name", alone
/// or with "-..." after it, so that no two experiments share one. The number of trials is added to the caption.
struct Figure {
  std::string name = {};
  std::string caption = {};
  std::vector<Panel> panels = {};
};

/// A closed form: a dashed line.
Series theory_line(std::vector<double> x, std::vector<double> y, std::string label);
/// Numbers a document prints: dark crosses.
Series printed(std::vector<double> x, std::vector<double> y, std::string label);

}  // namespace sigmagrad::lab
