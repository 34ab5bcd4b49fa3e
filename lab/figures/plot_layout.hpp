// SPDX-License-Identifier: BSD-3-Clause
// Where the panels of a figure lie, in points: titles above, legends in a place of their own below.
#pragma once

#include <string>
#include <vector>

#include <sigmagrad/lab/model/figure.hpp>

namespace sigmagrad::lab::detail {

/// Whether the series has an entry in its panel's legend: those behind it of the same label and look share it.
bool is_named(const Panel& panel, const Series& series);
/// The lines a label takes in the legend.
std::vector<std::string> legend_lines(const Series& series);

class Layout {
 public:
  static constexpr std::size_t title_width = 52;  // characters
  static constexpr std::size_t label_width = 46;
  static constexpr std::size_t row_name_width = 18;
  /// Room for each name under the x axis, in characters, and whether the names stand on end since some word has more.
  static std::size_t category_width(const Panel& panel);
  static bool turned(const Panel& panel);
  /// Panels side by side.
  static std::size_t columns(const Figure& figure);
  static int category_lines(const Panel& panel);

  explicit Layout(const Figure& figure);
  int width() const;
  int height() const;
  /// The gnuplot commands that make room for panel `p` and its legend.
  std::string place(std::size_t p) const;

 private:
  int legend_rows(const Panel& panel) const;
  int below(const Panel& panel) const;

  const Figure& figure_;
  std::size_t columns_;
  int above_ = 0;
  std::vector<int> tops_;  // of the rows, and the end of the last
};

}  // namespace sigmagrad::lab::detail
