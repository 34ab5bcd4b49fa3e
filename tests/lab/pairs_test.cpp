// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <gtest/gtest.h>

#include <sigmagrad/lab/model/statistic.hpp>
#include <sigmagrad/tests/lab/small_results.hpp>

namespace sigmagrad::lab {
namespace {

using testing::depth;
using testing::group_of;
using testing::rank;
using testing::scale;

// Trials 0, 1, 2 in both groups of depth 2; trial 3 at the larger scale alone.
Results two_groups() {
  return Results(
      {group_of(2, 0.1, {1.0, 2.0, 4.0, 8.0}), group_of(2, 0.01, {2.0, 1.0, 12.0}), group_of(3, 0.1, {1.0})});
}

double only(const Statistic& statistic) {
  const auto points = statistic.values(two_groups());
  EXPECT_EQ(points.size(), 1U) << statistic.text();
  return points.front().value;
}

TEST(Pairs, AreTheTrialsThatBothGroupsHave) {
  const Selection other = depth == 2 && scale == 0.01;  // ratios 2, 1/2, 3
  EXPECT_EQ(only(median_ratio(rank, scale == 0.1).at(other)), 2.0);
  EXPECT_EQ(only(median_change(rank, scale == 0.1).at(other)), 1.0);
  EXPECT_NEAR(only(share_smaller(rank, scale == 0.1).at(other)), 1.0 / 3.0, 1e-15);
  EXPECT_EQ(only(of_ratios("count", rank, scale == 0.01, [](const auto& all) { return double(all.size()); })
                     .at(depth == 2 && scale == 0.1)),
            3.0);
}

TEST(Pairs, MayBeNegativeOrZero) {
  const Results results({group_of(2, 0.1, {-2.0, 0.0, 1.0}), group_of(2, 0.01, {-3.0, 0.0, 1.0})});
  EXPECT_NEAR(share_smaller(rank, scale == 0.1).at(scale == 0.01).values(results).front().value, 1.0 / 3.0, 1e-15);
  EXPECT_TRUE(std::isnan(median_ratio(rank, scale == 0.1).at(scale == 0.01).values(results).front().value)) << "0 / 0";
}

TEST(Pairs, SpeakOfEachGroupThatIsMeant) {
  const auto points = median_ratio(rank, depth == 2).at(scale == 0.1).values(two_groups());
  ASSERT_EQ(points.size(), 2U);
  for (const auto& point : points) EXPECT_EQ(point.value, 1.0);
}

TEST(Pairs, NeedBothGroups) {
  EXPECT_THROW(median_ratio(rank, scale == 0.01).at(depth == 3).values(two_groups()), NotRun);
  EXPECT_THROW(median_ratio(rank, scale == 0.1).at(depth == 1).values(two_groups()), NotRun);
  EXPECT_THROW(median_ratio(rank, scale == 0.1).over(depth), Error);
}

TEST(Pairs, SayWhatTheyAreHeldAgainst) {
  EXPECT_EQ(median_ratio(rank, scale == 0.1).at(scale == 0.01).text(),
            "median ratio of effective rank to that of the same trial (scale = 0.1) at scale = 0.01");
}

}  // namespace
}  // namespace sigmagrad::lab
