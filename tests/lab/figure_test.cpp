// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdlib>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/io/file.hpp>
#include <sigmagrad/lab/figures/axis.hpp>
#include <sigmagrad/lab/figures/child_process.hpp>
#include <sigmagrad/lab/figures/gnuplot.hpp>
#include <sigmagrad/lab/figures/thinning.hpp>
#include <sigmagrad/tests/lab/contains.hpp>
#include <sigmagrad/tests/lab/fake_gnuplot.hpp>
#include <sigmagrad/tests/lab/sample.hpp>

namespace sigmagrad::lab {
namespace {

using testing::contains;
using testing::FakeGnuplot;
using testing::scratch_directory;

Figure small_figure() {
  Series measured{
      .label = "a, \"b\"", .role = Role::Median, .x = {1, 10}, .y = {0.5, 0.25}, .low = {-1, 0.2}, .high = {1, 0.5}};
  return {.name = "small",
          .caption = "c",
          .panels = {{.title = "`rm` {x}",
                      .x_label = "x_1",
                      .log_x = true,
                      .log_y = true,
                      .series = {measured, theory_line({1, 10}, {0.4, 0.3}, "closed form")}}}};
}

TEST(Figure, BecomesOneRowAPoint) {
  EXPECT_EQ(figure_csv(small_figure()),
            "panel,series,x,y,low,high,value,drawn,label\n"
            "1,1,1,0.5,-1,1,,1,\"a, \"\"b\"\"\"\n"
            "1,1,10,0.25,0.2,0.5,,1,\"a, \"\"b\"\"\"\n"
            "1,2,1,0.4,,,,1,closed form\n"
            "1,2,10,0.3,,,,1,closed form\n");
}

TEST(Figure, ScriptReadsTheRowsOfEachSeries) {
  const auto script = gnuplot_script(small_figure());
  EXPECT_TRUE(contains(script, "'small.csv' skip 1 every ::0::1"));
  EXPECT_TRUE(contains(script, "'small.csv' skip 1 every ::2::3"));
  EXPECT_TRUE(contains(script, "set logscale x"));
  EXPECT_TRUE(contains(script, "with filledcurves"));
  EXPECT_TRUE(contains(script, "dashtype 2"));
  EXPECT_TRUE(contains(script, "title \"a, \\\"b\\\"\" noenhanced"));
}

TEST(Figure, SeriesOfOneLabelShareAnEntryOfTheLegend) {
  Figure figure = small_figure();
  figure.panels[0].series.push_back(theory_line({1, 10}, {0.2, 0.1}, "closed form"));
  const auto script = gnuplot_script(figure);
  const auto title = script.find("title \"closed form\"");
  EXPECT_NE(title, std::string::npos);
  EXPECT_EQ(script.find("title \"closed form\"", title + 1), std::string::npos);
  EXPECT_TRUE(contains(script, "'small.csv' skip 1 every ::4::5"));
}

TEST(Figure, TextNeverBecomesACommand) {
  EXPECT_EQ(gnuplot_string("a`rm`\\n\"b\"", 80), "\"a\\140rm\\140\\\\n\\\"b\\\"\"");
  EXPECT_EQ(gnuplot_string("one two three", 7), "\"one two\\nthree\"");
  EXPECT_FALSE(contains(gnuplot_script(small_figure()), "`"));
}

TEST(Figure, IsRefusedWhereItIsMalformed) {
  Figure figure = small_figure();
  figure.name = "../etc";
  EXPECT_THROW(gnuplot_script(figure), Error);
  figure = small_figure();
  figure.panels[0].series[0].y.pop_back();
  EXPECT_THROW(gnuplot_script(figure), Error);
}

TEST(Figure, IsDrawnWhereGnuplotIsInstalled) {
  const auto folder = scratch_directory("draw it's here");
  std::filesystem::create_directories(folder);
  const auto problem = draw(small_figure(), folder).note;
  EXPECT_TRUE(std::filesystem::exists(folder / "small.csv"));
  EXPECT_TRUE(std::filesystem::exists(folder / "small.gp"));
  if (std::system("command -v gnuplot > /dev/null") != 0) GTEST_SKIP() << problem;
  EXPECT_EQ(problem, "");
  EXPECT_GT(std::filesystem::file_size(folder / "small.svg"), 1000U);
  EXPECT_GT(std::filesystem::file_size(folder / "small.png"), 1000U);
}

TEST(Figure, WaitsForGnuplotNoLongerThanToldTo) {
  const auto folder = scratch_directory("silent");
  const FakeGnuplot silent(folder, "read line < never");
  ASSERT_EQ(mkfifo((folder / "never").c_str(), 0600), 0);
  const auto late = draw(small_figure(), folder, {.limit = std::chrono::milliseconds(20)});
  const auto interrupted =
      draw(small_figure(), folder, {.limit = std::chrono::hours(1), .interrupted = [] { return true; }});
  EXPECT_TRUE(late.late);
  EXPECT_TRUE(contains(late.note, "figure small: gnuplot had not ended after 0.02 s and was killed", folder.string()));
  EXPECT_FALSE(interrupted.late);
  EXPECT_EQ(interrupted.note, "figure small: interrupted");
  EXPECT_TRUE(std::filesystem::exists(folder / "small.csv"));
}

TEST(ChildProcess, ThatNeverStopsTalkingFillsNoMemory) {
  const auto ended = detail::run_child({"cat", "/dev/zero"}, "/", {.limit = std::chrono::milliseconds(100)});
  EXPECT_TRUE(ended.late);
  EXPECT_LE(ended.output.size(), 65536u);
}

TEST(Figure, IsDrawnWhereNobodyHearsOfChildren) {
  const auto folder = scratch_directory("unheard");
  const FakeGnuplot quick(folder, "echo drawn > small.svg");
  const auto before = std::signal(SIGCHLD, SIG_IGN);
  const auto drawn = draw(small_figure(), folder, {.limit = std::chrono::seconds(60)});
  std::signal(SIGCHLD, before);
  EXPECT_EQ(drawn.note, "");
  EXPECT_TRUE(std::filesystem::exists(folder / "small.svg"));
}

TEST(Figure, BandsEndWhereTheirOwnAxisDoes) {
  Figure figure = small_figure();
  figure.panels.push_back(figure.panels[0]);
  for (double& y : figure.panels[1].series[0].y) y *= 1e-3;
  figure.panels[1].series.pop_back();
  const auto script = gnuplot_script(figure);
  for (const Panel& panel : figure.panels) {
    const auto low = fmt::format("{}", log_axis_y(panel).low);
    EXPECT_TRUE(contains(script, "set yrange [" + low + ":", "($5>" + low + "?$5:" + low + ")"));
  }
}

TEST(Figure, LongLinesAreThinnedInTheDrawingAlone) {
  Series wave{.label = "wave"}, scatter{.label = "scatter", .kind = Kind::Points};
  for (int i = 0; i < 5000; ++i) {
    wave.x.push_back(i);
    wave.y.push_back(i == 3333 ? 9 : std::sin(i * 0.01));
  }
  scatter.x = scatter.y = wave.y;
  for (const bool log_x : {false, true}) {
    const auto drawn = detail::drawn_points(wave, log_x);
    EXPECT_LE(std::ranges::count(drawn, true), 4 * 180 + 4);
    EXPECT_GE(std::ranges::count(drawn, true), 180);
    for (const auto i : {log_x ? 1U : 0U, 3333U, 4999U}) EXPECT_TRUE(drawn[i]) << i;
  }
  const auto points = detail::drawn_points(scatter, false);
  EXPECT_EQ(std::ranges::count(points, true), 5000);
  const Figure figure{.name = "wave", .panels = {{.series = {wave}}}};
  EXPECT_EQ(std::ranges::count(figure_csv(figure), '\n'), 5001);
  EXPECT_TRUE(contains(gnuplot_script(figure), "using ($8==1?$3:NaN):4 with lines"));
}

TEST(Figure, OfAnEarlierRunIsNotTakenForThisOne) {
  const auto folder = scratch_directory("stale");
  std::filesystem::create_directories(folder / "small.csv");  // a folder, which gnuplot would not read
  sigmagrad::detail::write_file(folder / "small.svg", "<svg>of an earlier run</svg>");
  std::filesystem::remove(folder / "small.csv");
  Figure figure = small_figure();
  figure.panels[0].series = {{.label = "nothing to draw", .x = {1}, .y = {std::nan("")}}};
  EXPECT_TRUE(contains(draw(figure, folder).note, "figure small: gnuplot"));
  EXPECT_FALSE(std::filesystem::exists(folder / "small.svg"));
}

TEST(Axis, HasRoomForAllThatADoubleHolds) {
  Panel panel{.log_y = true, .series = {{.x = {1, 2}, .y = {5e-324, 1.7e308}}}};
  const Axis axis = log_axis_y(panel);
  EXPECT_GT(axis.low, 0);
  EXPECT_TRUE(std::isfinite(axis.high));
  EXPECT_GE(axis.high, 1.7e308);
  EXPECT_LE(axis.ticks.size(), 9U);
  EXPECT_GE(axis.ticks.size(), 5U);
}

TEST(Axis, CutsOffBandsThatHaveNoPlaceOnALogarithm) {
  const Axis axis = log_axis_y(small_figure().panels[0]);
  EXPECT_GT(axis.low, 0.1);
  EXPECT_GT(axis.high, 1);
  ASSERT_FALSE(axis.ticks.empty());
  EXPECT_EQ(axis.ticks.front().second, "0.2");
}

TEST(Axis, TicksStandWhereAFewValuesAre) {
  Panel panel{.log_x = true, .series = {{.x = {32, 64, 512}, .y = {1, 2, 3}}}};
  const Axis axis = log_axis_x(panel);
  ASSERT_EQ(axis.ticks.size(), 3U);
  EXPECT_EQ(axis.ticks[2], (std::pair<double, std::string>(512, "512")));
  panel.log_x = false;
  EXPECT_TRUE(linear_axis_x(panel).ticks.empty());  // 32 and 64 are too close on a linear axis
  panel.series[0].x = {0.123456, 0.3, 0.7};
  EXPECT_TRUE(linear_axis_x(panel).ticks.empty());
  panel.series[0].x = {0.125, 0.3, 0.7};
  EXPECT_EQ(linear_axis_x(panel).ticks.size(), 3U);
}

}  // namespace
}  // namespace sigmagrad::lab
