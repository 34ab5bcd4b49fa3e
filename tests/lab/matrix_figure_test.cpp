// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <cstdlib>
#include <limits>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/io/file.hpp>
#include <sigmagrad/lab/figures/axis.hpp>
#include <sigmagrad/lab/figures/gnuplot.hpp>
#include <sigmagrad/tests/lab/contains.hpp>
#include <sigmagrad/tests/lab/sample.hpp>

namespace sigmagrad::lab {
namespace {

using testing::contains;
using testing::scratch_directory;

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

Panel signed_panel() {
  return {.title = "Change of the loss",
          .x_label = "batch size",
          .y_label = "optimiser",
          .matrix = {.columns = 3,
                     .values = {-1, 0, 0.5, 0.25, nothing, -0.75},
                     .row_names = {"SGD", "Adam, warmed up for 100 steps"},
                     .column_names = {"16", "64", "256"},
                     .label = "relative change"}};
}

Panel log_panel(std::int64_t side) {
  Panel panel{.title = "Condition number", .matrix = {.columns = side, .label = "κ", .log = true}};
  for (std::int64_t i = 0; i < side * side; ++i)
    panel.matrix.values.push_back(std::pow(10.0, 6.0 * static_cast<double>(i) / static_cast<double>(side * side)));
  return panel;
}

Figure figure() {
  Panel curve{.title = "A curve", .series = {theory_line({1, 10}, {0.4, 0.3}, "closed form")}};
  return {.name = "cells", .caption = "c", .panels = {signed_panel(), log_panel(50), curve, log_panel(4)}};
}

TEST(MatrixFigure, BecomesOneRowACell) {
  EXPECT_EQ(figure_csv({.name = "m", .panels = {signed_panel()}}),
            "panel,series,x,y,low,high,value,drawn,label\n"
            "1,1,0,0,,,-1,1,SGD / 16\n"
            "1,1,1,0,,,0,1,SGD / 64\n"
            "1,1,2,0,,,0.5,1,SGD / 256\n"
            "1,1,0,1,,,0.25,1,\"Adam, warmed up for 100 steps / 16\"\n"
            "1,1,1,1,,,nan,1,\"Adam, warmed up for 100 steps / 64\"\n"
            "1,1,2,1,,,-0.75,1,\"Adam, warmed up for 100 steps / 256\"\n");
}

TEST(MatrixFigure, WithoutANumberIsEmpty) {
  EXPECT_FALSE(signed_panel().empty());
  EXPECT_TRUE(Panel{}.empty());
  EXPECT_TRUE((Panel{.matrix = {.columns = 2, .values = {nothing, nothing}}}.empty()));
  EXPECT_TRUE((Panel{.matrix = {.columns = 1, .values = {-1}, .log = true}}.empty()));
}

TEST(MatrixFigure, CellsAndSeriesReadTheirOwnRows) {
  const auto script = gnuplot_script(figure());
  EXPECT_TRUE(contains(script, "every ::0::5 using 3:4:($3-0.505)", ":7 with boxxyerror"));
  EXPECT_TRUE(contains(script, "every ::6::2505 using 3:4:($7>0?$7:NaN) with image notitle"));
  EXPECT_TRUE(contains(script, "every ::2506::2507 using 3:4 with lines"));
  EXPECT_TRUE(contains(script, "every ::2508::2523"));
}

TEST(MatrixFigure, LeavesTheTicksOfOtherPanelsAlone) {
  Panel curve{.log_x = true, .series = {theory_line({1e-7, 1}, {1, 2}, "t")}};
  const auto script = gnuplot_script({.name = "m", .panels = {signed_panel(), curve}});
  const auto panels = script.find("set xtics autofreq norotate scale 1 enhanced");
  ASSERT_NE(panels, std::string::npos);
  EXPECT_TRUE(contains(script.substr(panels), "'10^{-6}'", "set ytics autofreq scale 1 enhanced"));
}

TEST(MatrixFigure, NamesAreTicksAndLongOnesAreBroken) {
  const auto script = gnuplot_script(figure());
  EXPECT_TRUE(contains(script, "set xtics norotate (\"16\" 0, \"64\" 1, \"256\" 2)",
                       "set ytics (\"SGD\" 0, \"Adam, warmed up\\nfor 100 steps\" 1)", "set ytics ('5' 4, '10' 9,"));
  Figure turned = figure();
  turned.panels[0].matrix.column_names = {"16", "64", "a word that is extraordinarily long"};
  EXPECT_TRUE(contains(gnuplot_script(turned), "set xtics rotate by 90 right"));
  EXPECT_FALSE(contains(gnuplot_script(turned), "offset 0,-"));  // or the label would lie on the legend
}

TEST(MatrixFigure, ColoursHaveAScaleOfTheirOwn) {
  const Axis by_sign = colour_axis(signed_panel().matrix);
  EXPECT_EQ(by_sign.low, -1);
  EXPECT_EQ(by_sign.high, 1);
  const Axis log = colour_axis(log_panel(4).matrix);
  EXPECT_EQ(log.low, 1);
  ASSERT_GE(log.ticks.size(), 2U);
  EXPECT_EQ(log.ticks[1].second, "10");
  const Axis by_size = colour_axis({.columns = 2, .values = {2, nothing, 5, 3}});
  EXPECT_EQ(by_size.low, 2);
  EXPECT_EQ(by_size.high, 5);
  for (const Matrix& flat : {Matrix{.columns = 1, .values = {3}}, Matrix{.columns = 1, .values = {nothing}},
                             Matrix{.columns = 1, .values = {-3}, .log = true}})
    EXPECT_LT(colour_axis(flat).low, colour_axis(flat).high);
}

TEST(MatrixFigure, IsRefusedWhereItIsMalformed) {
  Figure wrong = figure();
  wrong.panels[0].matrix.columns = 4;
  EXPECT_THROW(gnuplot_script(wrong), Error);
  wrong = figure();
  wrong.panels[0].matrix.row_names.pop_back();
  EXPECT_THROW(gnuplot_script(wrong), Error);
  wrong = figure();
  wrong.panels[0].series = wrong.panels[2].series;
  EXPECT_THROW(gnuplot_script(wrong), Error);
}

TEST(MatrixFigure, IsDrawnWhereGnuplotIsInstalled) {
  const auto folder = scratch_directory("draw cells");
  std::filesystem::create_directories(folder);
  Figure all = figure();
  all.panels.push_back({.title = "One row", .matrix = {.columns = 3, .values = {1, nothing, 2}}});
  all.panels.push_back(
      {.title = "One cell", .matrix = {.columns = 1, .values = {7}, .label = "a long name of a colour"}});
  const auto problem = draw(all, folder).note;
  EXPECT_TRUE(std::filesystem::exists(folder / "cells.csv"));
  if (std::system("command -v gnuplot > /dev/null") != 0) GTEST_SKIP() << problem;
  EXPECT_EQ(problem, "");
  EXPECT_FALSE(contains(sigmagrad::detail::read_file(folder / "cells.svg"), ">nan<"));
  EXPECT_GT(std::filesystem::file_size(folder / "cells.png"), 1000U);
}

}  // namespace
}  // namespace sigmagrad::lab
