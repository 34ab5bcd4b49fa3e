// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <gtest/gtest.h>

#include <sigmagrad/lab/model/drawing.hpp>
#include <sigmagrad/tests/lab/small_results.hpp>

namespace sigmagrad::lab {
namespace {

using testing::depth;
using testing::error;
using testing::falling_ranks;
using testing::group_of;
using testing::loss;
using testing::rank;
using testing::scale;

using Numbers = std::vector<double>;

Group with_error() {
  auto group = group_of(1, 0.1, {3});
  group.add(1, {{"error", 7.0}});
  return group;
}

TEST(Plot, DrawsALineForEachValueOfWhatTellsThemApart) {
  const auto panel = draw("Rank", {plot(depth, rank).by(scale)}, falling_ranks());
  ASSERT_EQ(panel.series.size(), 2U);
  EXPECT_EQ(panel.series[0].label, "scale = 0.1");
  EXPECT_EQ(panel.series[0].x, (Numbers{1, 2, 3}));
  EXPECT_EQ(panel.series[0].y, (Numbers{3, 2, 1}));
  EXPECT_EQ(panel.series[1].y, (Numbers{30, 20, 10}));
  EXPECT_EQ(panel.x_label, "depth");
  EXPECT_EQ(panel.y_label, "effective rank");
}

TEST(Plot, LeavesOutGroupsThatHaveNotRecordedTheQuantity) {
  auto other = testing::group_of(4, 0.1, {});
  other.add(0, {{"error", 1.0}});
  const auto panel = draw("", {plot(depth, rank)}, Results({testing::group_of(2, 0.1, {1, 3}), other}));
  EXPECT_EQ(panel.series.at(0).x, (Numbers{2}));
  EXPECT_EQ(panel.series.at(0).low, (Numbers{1.5}));
  EXPECT_THROW(Results().where().front(), NotRun);
}

TEST(Plot, PoolsAndSelects) {
  const auto pooled = draw("", {plot(depth, rank).over(scale).means()}, falling_ranks());
  ASSERT_EQ(pooled.series.size(), 1U);
  EXPECT_NEAR(pooled.series[0].y[0], 16.5, 1e-12);
  const auto some = draw("", {plot(depth, rank).at(scale == 0.1 && depth >= 2)}, falling_ranks());
  EXPECT_EQ(some.series[0].x, (Numbers{2, 3}));
}

TEST(Plot, DrawsSingleTrialsOfACurve) {
  Group group = group_of(1, 0.1, {});
  group.add(0, Metrics().add_at("loss", 1, 4).add_at("loss", 2, 2));
  group.add(1, Metrics().add_at("loss", 1, 5));
  group.add(2, Metrics().add_at("loss", 1, 6).add_at("loss", 2, 3));
  const auto panel = draw("", {plot(loss).trials(2)}, Results({group}));
  ASSERT_EQ(panel.series.size(), 2U);
  EXPECT_EQ(panel.series[0].y, (Numbers{4, 2}));
  EXPECT_EQ(panel.series[1].x, (Numbers{1}));
}

TEST(Plot, ScattersMediansOfGroups) {
  const auto results = falling_ranks();
  const auto panel = draw("", {scatter(rank, rank).by(scale).over(depth).medians()}, results);
  ASSERT_EQ(panel.series.size(), 2U);
  EXPECT_EQ(panel.series[0].x, (Numbers{3, 2, 1}));
  EXPECT_EQ(panel.series[0].high, panel.series[0].x);
}

TEST(Plot, ScattersTrialsThatRecordedBoth) {
  Group group(Params({{"depth", std::int64_t{1}}}));
  group.add(0, {{"rank", 1.0}});
  group.add(1, {{"rank", 2.0}, {"error", 20.0}});
  group.add(2, {{"error", 30.0}});
  group.add(3, {{"rank", 4.0}, {"error", 40.0}});
  const auto panel = draw("", {scatter(rank, error)}, Results({group}));
  ASSERT_EQ(panel.series.size(), 1U);
  EXPECT_EQ(panel.series[0].x, (Numbers{2, 4}));
  EXPECT_EQ(panel.series[0].y, (Numbers{20, 40}));
}

TEST(Plot, DrawsMeansAsLinesWithTheirStandardErrors) {
  const auto panel = draw("", {plot(depth, rank).at(scale == 0.1).standard_errors().lines()}, falling_ranks());
  ASSERT_EQ(panel.series.size(), 1U);
  EXPECT_EQ(panel.series[0].kind, Kind::Line);
  EXPECT_NEAR(panel.series[0].high[0] - panel.series[0].y[0], std::sqrt(0.02 / 5.0) / std::sqrt(5.0), 1e-12);
}

TEST(Plot, DrawsIntervalsOfMeansOfQuantitiesAndCurves) {
  Group group(Params({{"depth", std::int64_t{1}}}));
  for (int k = 0; k < 3; ++k) {
    auto metrics = Metrics({{"rank", 1.0 + k}});
    group.add(k, metrics.add_at("loss", 5, 10.0 + k));
  }
  const double half = 4.3027 * 1.0 / std::sqrt(3.0);  // Student's t of two degrees of freedom, standard deviation 1
  const auto panel = draw("", {plot(depth, rank).intervals().lines(), plot(loss).intervals()}, Results({group}));
  ASSERT_EQ(panel.series.size(), 2U);
  for (const auto& [series, mean] : {std::pair{panel.series[0], 2.0}, {panel.series[1], 11.0}}) {
    EXPECT_EQ(series.y, Numbers{mean});
    EXPECT_NEAR(series.high[0], mean + half, 1e-4);
    EXPECT_NEAR(series.low[0], mean - half, 1e-4);
  }
}

TEST(Plot, IntervalsEndWhereWhatIsMeasuredDoes) {
  auto accuracy = rank;
  auto accuracies = loss;
  accuracy.bounds = accuracies.bounds = {0, 1};
  Group group(Params({{"depth", std::int64_t{1}}}));
  for (int k = 0; k < 2; ++k) {
    Metrics metrics;
    metrics.add(accuracy.name, 0.2 + 0.7 * k);
    group.add(k, metrics.add_at(accuracies.name, 5, 0.2 + 0.7 * k));
  }
  const auto panel =
      draw("", {plot(depth, accuracy).intervals().lines(), plot(accuracies).intervals()}, Results({group}));
  ASSERT_EQ(panel.series.size(), 2U);
  for (const auto& series : panel.series) {
    EXPECT_DOUBLE_EQ(series.y[0], 0.55);
    EXPECT_EQ(series.low, Numbers{0});
    EXPECT_EQ(series.high, Numbers{1});
  }
}

TEST(Plot, DrawsAClosedFormOfTheLinesThatHaveOne) {
  const auto panel = draw("", {plot(depth, rank).by(scale).theory("worked out", median(error))},
                          Results({with_error(), group_of(1, 1.0, {2})}));
  ASSERT_EQ(panel.series.size(), 3U);
  EXPECT_EQ(panel.series[2].role, Role::Theory);
  EXPECT_EQ(panel.series[2].y, (Numbers{7}));
}

TEST(Plot, DrawsTheoryPrintedNumbersAndConstants) {
  const std::vector<Claim> claims{{.printed = {{median(rank).at(depth == 3), 0.9}, {std(rank).at(depth == 3), 0.1}}}};
  const auto panel = draw("",
                          {plot(depth, rank)
                               .at(scale == 0.1)
                               .theory("4 - depth", [](const Params& p) { return 4.0 - double(p[depth]); })
                               .printed()
                               .line(1.5, "half way")},
                          falling_ranks(), claims);
  ASSERT_EQ(panel.series.size(), 4U);
  EXPECT_EQ(panel.series[1].role, Role::Printed);
  EXPECT_EQ(panel.series[1].x, (Numbers{3}));
  EXPECT_EQ(panel.series[1].y, (Numbers{0.9}));
  EXPECT_EQ(panel.series[2].role, Role::Theory);
  EXPECT_EQ(panel.series[2].y, (Numbers{3, 2, 1}));
  EXPECT_EQ(panel.series[3].y, (Numbers{1.5, 1.5}));
}

TEST(Plot, PutsPrintedNumbersIntoThePanelTheyBelongTo) {
  const std::vector<Claim> claims{{.printed = {{median(rank).at(depth == 3 && scale == 0.1), 0.9},
                                               {median(rank).at(depth == 2 && scale == 0.01), 22.0}}}};
  const auto crosses = [&](const Selection& drawn, const Selection& printed_at) {
    const auto panel = draw("", {plot(depth, rank).at(drawn).printed()}, falling_ranks(printed_at), claims);
    return panel.series.back().role == Role::Printed ? panel.series.back().y : Numbers{};
  };
  EXPECT_EQ(crosses(scale == 0.1, {}), Numbers{0.9});
  EXPECT_EQ(crosses(scale == 0.01, scale == 0.1), Numbers{22.0});
  EXPECT_EQ(crosses({}, {}), (Numbers{22.0, 0.9}));
}

TEST(Plot, KnowsWhichOptionsMeanNothing) {
  const auto idle = [](const Plot& plot) { return detail::idle_option(plot.spec()); };
  EXPECT_EQ(idle(components({rank, error}).fresh()), "a plot of components has no fresh");
  EXPECT_EQ(idle(components({rank, error}).printed()), "a plot of components has no printed");
  EXPECT_EQ(idle(heat_map(depth, scale, rank).standard_errors()), "a plot of cells has no standard_errors");
  EXPECT_EQ(idle(plot(depth, median(rank)).fresh()), "a plot of statistics has no fresh");
  EXPECT_EQ(idle(plot(loss).standard_errors()), "a plot of curves has no standard_errors");
  EXPECT_EQ(idle(components({rank, error}).intervals()), "a plot of components has no intervals");
  EXPECT_EQ(idle(scatter(rank, error).means()), "a plot of trials has no means");
  EXPECT_EQ(idle(plot(depth, rank).means().medians().standard_errors().fresh().printed().by(scale).log_log()), "");
  EXPECT_EQ(idle(plot(loss).by(depth).trials(3).lines()), "");
  EXPECT_EQ(idle(heat_map(depth, scale, rank).means().log_y()), "");
}

TEST(Plot, LeavesOutWhatALogarithmicAxisHasNoRoomFor) {
  Group group(Params({{"depth", std::int64_t{1}}}));
  group.add(0, Metrics().add_at("loss", 0, 5).add_at("loss", 1, 2).add_at("loss", 2, 0));
  const auto panel = draw("", {plot(loss).log_log()}, Results({group}));
  EXPECT_EQ(panel.series[0].x, (Numbers{1}));
  EXPECT_EQ(panel.x_label, "step");
}

TEST(Plot, FillsCells) {
  const auto panel = draw("", {heat_map(depth, scale, rank)}, falling_ranks());
  EXPECT_EQ(panel.matrix.columns, 3);
  EXPECT_EQ(panel.matrix.values, (Numbers{3, 2, 1, 30, 20, 10}));
  EXPECT_EQ(panel.matrix.row_names, (std::vector<std::string>{"0.1", "0.01"}));
}

TEST(Plot, DrawsStatistics) {
  const auto panel =
      draw("", {plot(depth, ratio(median(rank).at(scale == 0.01), median(rank).at(scale == 0.1)))}, falling_ranks());
  ASSERT_EQ(panel.series.size(), 1U);
  for (const double y : panel.series[0].y) EXPECT_NEAR(y, 10.0, 1e-12);
}

TEST(FigureSpec, MakesAFigureForEachSettingThatNoPlotNames) {
  const auto spec = figure("rank", "Ranks.").panel("Rank", plot(depth, rank));
  const auto figures = spec.draw("mine/depth", falling_ranks(), {});
  ASSERT_EQ(figures.size(), 2U);
  EXPECT_EQ(figures[0].name, "mine-depth-rank");
  EXPECT_EQ(figures[1].name, "mine-depth-rank-2");
  EXPECT_EQ(figures[1].caption, "Ranks. Here scale = 0.01.");
  EXPECT_EQ(spec.whole().draw("mine/depth", falling_ranks(), {}).size(), 1U);
}

TEST(FigureSpec, MakesAPanelForEachValue) {
  const auto spec = figure("", "Ranks.").panel_each(scale, {plot(depth, rank)}, "ranks");
  const auto figures = spec.draw("mine/depth", falling_ranks(), {});
  ASSERT_EQ(figures.size(), 1U);
  ASSERT_EQ(figures[0].panels.size(), 2U);
  EXPECT_EQ(figures[0].panels[1].title, "ranks, scale = 0.01");
  EXPECT_EQ(figures[0].panels[1].series[0].y, (Numbers{30, 20, 10}));
}

TEST(FigureSpec, LeavesOutPanelsOfWhatWasNotRun) {
  const auto spec = figure("", "Ranks.").panel("", plot(depth, rank)).panel("", plot(depth, rank).at(depth == 9));
  EXPECT_EQ(spec.draw("mine/depth", falling_ranks(), {}).front().panels.size(), 1U);
  EXPECT_TRUE(spec.draw("mine/depth", Results(), {}).empty());
}

}  // namespace
}  // namespace sigmagrad::lab
