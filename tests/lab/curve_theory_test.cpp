// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <sigmagrad/lab/model/plot.hpp>
#include <sigmagrad/lab/model/statistic.hpp>

namespace sigmagrad::testing {
namespace {

using namespace lab;

const Real lr{.name = "lr", .quick = {0.1, 0.01, 0.001}};
const Int n{.name = "n", .quick = {2, 3}};
const Curve loss{.name = "loss", .over = "time"}, exact{.name = "exact_loss", .over = "time"};
const Quantity deviation{.name = "deviation"};

Group group(double step, std::int64_t size, const Metrics& metrics) {
  Group one(Params({{"lr", step}, {"n", size}}));
  one.add(0, metrics);
  return one;
}

// Only one group has the exact solution, and one has no curve at all.
TEST(CurveTheory, IsDrawnWhereItWasRecorded) {
  Metrics both, measured;
  both.add_at("loss", 1, 5.0).add_at("loss", 2, 3.0).add_at("exact_loss", 1, 4.0).add_at("exact_loss", 2, 2.0);
  measured.add_at("loss", 1, 7.0);
  const Results r({group(0.1, 2, both), group(0.01, 2, measured), group(0.001, 2, {{"deviation", 1.0}})});
  EXPECT_TRUE(r.groups()[0].has(exact));
  EXPECT_FALSE(r.groups()[1].has(exact));
  const auto panel = draw("", {plot(loss).by(lr).theory("exact solution", exact)}, r);
  ASSERT_EQ(panel.series.size(), 3u);
  EXPECT_EQ(panel.series[0].y, (std::vector<double>{5.0, 3.0}));
  EXPECT_EQ(panel.series[1].y, (std::vector<double>{7.0}));
  EXPECT_EQ(panel.series[2].label, "exact solution");
  EXPECT_EQ(panel.series[2].role, Role::Theory);
  EXPECT_EQ(panel.series[2].x, (std::vector<double>{1.0, 2.0}));
  EXPECT_EQ(panel.series[2].y, (std::vector<double>{4.0, 2.0}));
}

TEST(Spread, IsTheLargestOverTheSmallestOfEachLine) {
  const auto with = [](double step, std::int64_t size, double value) {
    return group(step, size, {{"deviation", value}});
  };
  const Results r({with(0.1, 2, 3.0), with(0.1, 3, 8.0), with(0.01, 2, 6.0), with(0.01, 3, 2.0), with(0.001, 2, 4.0),
                   with(0.001, 3, 2.0)});
  const auto points = spread(mean(deviation), lr).values(r);
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(points[0].value, 2.0);
  EXPECT_EQ(points[1].value, 4.0);
  EXPECT_THROW(spread(mean(deviation), lr).values(r.only(lr == 0.1)), NotRun);
  EXPECT_EQ(spread(mean(deviation), lr).text(), "largest over smallest mean deviation along lr");
}

}  // namespace
}  // namespace sigmagrad::testing
