// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/lab/model/statistics.hpp>

namespace sigmagrad::lab {
namespace {

TEST(Statistics, AgreeWithNumbersWorkedByHand) {
  const std::vector<double> values{7, 1, 4, 2};
  const Statistics s = statistics(values);
  EXPECT_DOUBLE_EQ(s.mean, 3.5);
  EXPECT_DOUBLE_EQ(s.std, std::sqrt(21.0 / 4));  // (12.25 + 6.25 + .25 + 2.25) / 4
  EXPECT_DOUBLE_EQ(s.median, 3);
  EXPECT_DOUBLE_EQ(s.q25, 1.75);  // numpy.quantile([1, 2, 4, 7], .25)
  EXPECT_DOUBLE_EQ(s.q75, 4.75);
  EXPECT_EQ(s.min, 1);
  EXPECT_EQ(s.max, 7);
}

TEST(Statistics, OfOneValueAreThatValue) {
  const std::vector<double> values{-2.5};
  const Statistics s = statistics(values);
  for (const double number : {s.mean, s.median, s.q25, s.q75, s.min, s.max}) EXPECT_EQ(number, -2.5);
  EXPECT_EQ(s.std, 0);
}

// t of 1, 2, 4, 9 and 29 degrees of freedom, from tables; 0, ..., n - 1 have the variance (n^2 - 1) / 12.
TEST(Statistics, HaveStudentsIntervalOfTheirMean) {
  const std::pair<int, double> tables[] = {{2, 12.706}, {3, 4.303}, {5, 2.776}, {10, 2.262}, {30, 2.045}};
  for (const auto& [n, t] : tables) {
    std::vector<double> values;
    for (int i = 0; i < n; ++i) values.push_back(i);
    const double sample_std = std::sqrt((n * n - 1.0) / 12 * n / (n - 1));
    EXPECT_NEAR(mean_interval(values), t * sample_std / std::sqrt(n), 0.01 * t * sample_std / std::sqrt(n)) << n;
  }
  EXPECT_TRUE(std::isnan(mean_interval(std::vector<double>{3})));  // one value says nothing of the others
}

TEST(Statistics, OfNothingAreAnError) { EXPECT_THROW(statistics({}), Error); }

TEST(Statistics, AreNaNIfAValueIs) {
  const std::vector<double> values{3, std::nan(""), 2};
  const Statistics s = statistics(values);
  for (const double number : {s.mean, s.std, s.median, s.q25, s.q75, s.min, s.max}) EXPECT_TRUE(std::isnan(number));
  EXPECT_TRUE(std::isnan(quantile(values, 0.1)));
}

TEST(Quantile, BetweenInfinitiesIsInfinite) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(quantile(std::vector{1.0, infinity, infinity, infinity}, 0.5), infinity);
  EXPECT_EQ(quantile(std::vector{1.0, 2.0, infinity}, 0.5), 2.0);
}

TEST(Quantile, ReachesTheExtremes) {
  const std::vector<double> values{3, 1, 2};
  EXPECT_EQ(quantile(values, 0), 1);
  EXPECT_EQ(quantile(values, 1), 3);
  EXPECT_DOUBLE_EQ(quantile(values, 0.1), 1.2);
}

}  // namespace
}  // namespace sigmagrad::lab
