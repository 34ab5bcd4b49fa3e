// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <gtest/gtest.h>

#include <sigmagrad/lab/model/expression.hpp>
#include <sigmagrad/lab/model/statistic.hpp>
#include <sigmagrad/tests/lab/small_results.hpp>

namespace sigmagrad::lab {
namespace {

using testing::depth;
using testing::error;
using testing::falling_ranks;
using testing::rank;
using testing::scale;

double only(const Statistic& statistic, const Results& results) {
  const auto points = statistic.values(results);
  EXPECT_EQ(points.size(), 1U) << statistic.text();
  return points.front().value;
}

TEST(Statistic, SpeaksOfThePrintedSettingUnlessToldOtherwise) {
  const auto results = falling_ranks(depth == 2 && scale == 0.1);
  EXPECT_EQ(only(median(rank), results), 2.0);
  EXPECT_EQ(only(median(rank).at(depth == 3), results), 1.0);
  EXPECT_EQ(median(rank).at(any(depth)).values(results).size(), 3U);
  EXPECT_EQ(results.at(depth == 3).median(rank), 1.0);
}

TEST(Statistic, ReducesTheTrialsOfAGroup) {
  const auto results = falling_ranks(depth == 2 && scale == 0.1);
  EXPECT_NEAR(only(mean(rank), results), 2.0, 1e-15);
  EXPECT_NEAR(only(std(rank), results), std::sqrt(0.02 / 5), 1e-15);
  EXPECT_EQ(only(largest(rank), results), 2.1);
  EXPECT_EQ(only(smallest(rank), results), 1.9);
  EXPECT_EQ(only(share_above(rank, 2.0), results), 0.2);
  EXPECT_EQ(only(share_below(rank, 2.05), results), 0.8);
  EXPECT_EQ(only(of_trials("count", [](const Sample& t) { return double(t.values(rank).size()); }), results), 5.0);
}

TEST(Statistic, MatchesGroupsOfTwoTermsByWhatBothHave) {
  const auto results = falling_ranks();
  const auto ratios = ratio(median(rank).at(scale == 0.01), median(rank).at(scale == 0.1)).values(results);
  ASSERT_EQ(ratios.size(), 3U);
  for (const auto& point : ratios) EXPECT_NEAR(point.value, 10.0, 1e-12);
  EXPECT_NEAR(only(largest(median(rank) - 1.0), results), 29.0, 1e-12);
}

TEST(Statistic, PoolsTheTrialsOfSeveralGroups) {
  const auto results = falling_ranks();
  const auto pooled = mean(rank).over(scale);
  const auto points = pooled.values(results);
  ASSERT_EQ(points.size(), 3U);
  EXPECT_NEAR(points.front().value, (3.0 + 30.0) / 2, 1e-12);
}

TEST(Statistic, FitsPowersAndClosedForms) {
  std::vector<Group> groups;
  for (const std::int64_t d : {1, 2, 4}) groups.push_back(testing::group_of(d, 0.1, {5.0 * std::pow(d, 1.5)}));
  const Results results(std::move(groups));
  EXPECT_NEAR(only(growth_exponent(median(rank), depth), results), 1.5, 1e-12);
  const auto law = expected("5 d^1.5", [](const Params& p) { return 5.0 * std::pow(double(p[depth]), 1.5); });
  EXPECT_LT(only(largest(relative_difference(median(rank), law)), results), 1e-15);
}

TEST(Statistic, OfLinesHasNoUnitAndOfGroupsThatOfItsQuantity) {
  const Quantity time{.name = "time", .unit = "s"};
  EXPECT_EQ(largest(median(time)).expression()->unit(), "s");
  EXPECT_EQ(growth_exponent(median(time), depth).expression()->unit(), "");
  EXPECT_EQ(spread(median(time), depth).expression()->unit(), "");
}

TEST(Statistic, OfGroupsIsNoNumberIfOneOfThemIsNone) {
  const Results results(
      {testing::group_of(1, 0.1, {1.0}), testing::group_of(2, 0.1, {0.0}), testing::group_of(3, 0.1, {2.0})});
  const auto share = median(rank) / median(rank);  // 1, 0 / 0, 1
  EXPECT_TRUE(std::isnan(only(largest(share), results)));
  EXPECT_TRUE(std::isnan(only(smallest(share), results)));
}

TEST(Statistic, SaysWhatWasNotRun) {
  const auto results = falling_ranks();
  EXPECT_THROW(median(rank).at(depth == 7).values(results), NotRun);
  EXPECT_THROW(median(error).values(results), NotRun);
  EXPECT_THROW(growth_exponent(median(rank).at(depth <= 2), depth).values(results), NotRun);
}

TEST(Statistic, IsCalledWhatItIs) {
  EXPECT_EQ(median(rank).at(depth == 2).text(), "median effective rank at depth = 2");
  EXPECT_EQ(ratio(mean(rank), mean(error)).at(depth == 2).text(), "mean effective rank over mean error at depth = 2");
  EXPECT_EQ(mean(rank).called("the rank").text(), "the rank");
}

}  // namespace
}  // namespace sigmagrad::lab
