// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/figures/plot_matrix.hpp>

#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <sigmagrad/lab/figures/axis.hpp>
#include <sigmagrad/lab/figures/gnuplot.hpp>
#include <sigmagrad/lab/figures/plot_layout.hpp>

namespace sigmagrad::lab::detail {

namespace {

using Colours = std::vector<std::string_view>;

const Colours& palette(bool signs) {
  static const Colours by_size{"#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c",
                               "#28ae80", "#5ec962", "#addc30", "#fde725"};
  static const Colours by_sign{"#08306b", "#0571b0", "#8fc1e0", "#f7f7f7", "#f0b185", "#d6600a", "#7f2704"};
  return signs ? by_sign : by_size;
}

constexpr std::int64_t most_names = 20, most_numbers = 10;
constexpr std::int64_t most_written_rows = 12, most_written_columns = 8;
constexpr std::size_t most_drawn_cells = 1600;  // above, an embedded image is smaller than a box a cell

// Rows or columns without names are numbered at multiples of 1, 2, 5, 10, ...
std::string number_ticks(std::int64_t count) {
  std::int64_t stride = 1;
  for (std::int64_t power = 1; count / stride > most_numbers; power *= 10)
    for (const std::int64_t step : {1, 2, 5})
      if (count / stride > most_numbers) stride = step * power;
  std::vector<std::string> ticks;
  for (std::int64_t number = stride; number <= count; number += stride)
    ticks.push_back(fmt::format("'{}' {}", number, number - 1));
  return fmt::format("{}", fmt::join(ticks, ", "));
}

std::string name_ticks(const std::vector<std::string>& names, std::size_t width) {
  const auto count = static_cast<std::int64_t>(names.size());
  const std::int64_t stride = (count + most_names - 1) / most_names;
  std::vector<std::string> ticks;
  for (std::int64_t i = 0; i < count; i += stride)
    ticks.push_back(fmt::format("{} {}", gnuplot_string(names[static_cast<std::size_t>(i)], width), i));
  return fmt::format("{}", fmt::join(ticks, ", "));
}

std::string axes(const Panel& panel) {
  const Matrix& m = panel.matrix;
  const auto columns =
      m.column_names.empty() ? number_ticks(m.columns) : name_ticks(m.column_names, Layout::category_width(panel));
  const auto rows = m.row_names.empty() ? number_ticks(m.rows()) : name_ticks(m.row_names, Layout::row_name_width);
  return fmt::format(
      "unset logscale\nunset grid\nset xrange [-0.5:{}]\nset yrange [{}:-0.5]\nset xtics {} ({}) noenhanced scale 0\n"
      "set ytics ({}) noenhanced scale 0\n",
      static_cast<double>(m.columns) - 0.5, static_cast<double>(m.rows()) - 0.5,
      Layout::turned(panel) ? "rotate by 90 right" : "norotate", columns, rows);
}

std::string colour_scale(const Matrix& matrix, const Axis& axis, bool signs) {
  std::vector<std::string> stops;
  for (const auto colour : palette(signs)) stops.push_back(fmt::format("{} '{}'", stops.size(), colour));
  auto text = fmt::format("set palette maxcolors 64 defined ({})\n", fmt::join(stops, ", "));
  if (matrix.log) text += "set logscale cb\n";
  text += fmt::format("set cbrange [{}:{}]\nset cblabel {} offset 0.5,0 noenhanced\n", axis.low, axis.high,
                      gnuplot_string(matrix.label, Layout::label_width));
  std::vector<std::string> ticks;
  for (const auto& [at, label] : axis.ticks) ticks.push_back(fmt::format("'{}' {}", label, at));
  return text + (ticks.empty() ? "set cbtics autofreq\n" : fmt::format("set cbtics ({})\n", fmt::join(ticks, ", ")));
}

// The number of each cell, white where the cell is dark.
std::string numbers(const std::string& cells, const Matrix& matrix, const Axis& axis, bool signs) {
  const auto place = matrix.log ? fmt::format("log($7/{0})/log({1}/{0})", axis.low, axis.high)
                                : fmt::format("($7-({0}))/({1}-({0}))", axis.low, axis.high);
  const auto dark = signs ? fmt::format("abs({}-0.5)>0.25", place) : fmt::format("{}<0.6", place);
  const auto text = "sprintf(abs($7)>=99.5&&abs($7)<1e5?'%.0f':'%.2g',$7)";
  const auto given = matrix.log ? "$7>0" : "valid(7)&&abs($7)<1e300";
  return fmt::format(
      ", \\\n     {} using ({}?$3:NaN):4:({}):({}?0xffffff:0x111111) with labels font ',11' textcolor rgb variable "
      "notitle",
      cells, given, text, dark);
}

}  // namespace

std::string plot_matrix(const Panel& panel, const std::string& csv, std::size_t first_row) {
  const Matrix& matrix = panel.matrix;
  const Axis axis = colour_axis(matrix);
  const bool signs = axis.low < 0 && axis.high > 0;
  const auto cells = fmt::format("'{}' skip 1 every ::{}::{}", csv, first_row, first_row + matrix.values.size() - 1);
  auto text = axes(panel) + colour_scale(matrix, axis, signs);
  const auto value = matrix.log ? "($7>0?$7:NaN)" : "7";
  if (matrix.values.size() > most_drawn_cells && matrix.columns > 1 && matrix.rows() > 1) {
    text += fmt::format("plot {} using 3:4:{} with image notitle", cells, value);
  } else {  // boxes overlap a little, or the page would shine through between them
    text += fmt::format(
        "plot {} using 3:4:($3-0.505):($3+0.505):($4-0.505):($4+0.505):{} with boxxyerror fillstyle solid noborder "
        "fillcolor palette notitle",
        cells, value);
  }
  if (matrix.columns <= most_written_columns && matrix.rows() <= most_written_rows)
    text += numbers(cells, matrix, axis, signs);
  return text + "\n";
}

}  // namespace sigmagrad::lab::detail
