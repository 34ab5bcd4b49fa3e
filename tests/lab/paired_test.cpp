// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/lab/model/paired.hpp>
#include <sigmagrad/lab/model/profiles.hpp>

namespace sigmagrad::lab {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// The sum of the ranks of positive differences, for each choice of signs: the part that is as far from its mean.
double p_by_enumeration(const std::vector<double>& differences) {
  const std::size_t n = differences.size();
  std::vector<double> ranks(n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      const double own = std::abs(differences[i]), other = std::abs(differences[j]);
      ranks[i] += other < own ? 1.0 : other == own ? 0.5 : 0.0;
    }
  for (double& rank : ranks) rank += 0.5;
  double mean = 0, measured = 0;
  for (std::size_t i = 0; i < n; ++i) mean += ranks[i] / 2.0, measured += differences[i] > 0 ? ranks[i] : 0;
  double as_far = 0;
  for (std::size_t signs = 0; signs < std::size_t{1} << n; ++signs) {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += (signs >> i) & 1U ? ranks[i] : 0;
    as_far += std::abs(sum - mean) >= std::abs(measured - mean) - 1e-9 ? 1 : 0;
  }
  return as_far / std::pow(2.0, static_cast<double>(n));
}

TEST(SignedRank, IsThatOfAllChoicesOfSigns) {
  for (const auto& differences :
       {std::vector{1.2, -0.3, 2.4, 0.8, -0.1, 1.7, 0.9, 3.1, -0.6, 1.1}, std::vector{1.0, 1.0, -1.0, 2.0, 2.0, -3.0},
        std::vector{5.0}, std::vector{1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0}})
    EXPECT_NEAR(signed_rank_p(differences), p_by_enumeration(differences), 1e-12);
}

TEST(SignedRank, LeavesOutWhatDoesNotDiffer) {
  EXPECT_EQ(signed_rank_p(std::vector{0.0, 0.0, 0.0}), 1.0);
  EXPECT_EQ(signed_rank_p(std::vector{0.0, 1.0, 2.0, -3.0, 0.0}), signed_rank_p(std::vector{1.0, 2.0, -3.0}));
}

TEST(SignedRank, IsNearlyNormalForMany) {
  std::vector<double> differences(400);
  Generator generator(1);
  generator.normal(differences);
  for (double& d : differences) d += 0.1;
  const double many = signed_rank_p(differences);  // normal beyond 200
  double positive = 0, ranks = 0;
  for (std::size_t i = 0; i < 400; ++i) {
    double rank = 1;
    for (const double other : differences) rank += std::abs(other) < std::abs(differences[i]) ? 1 : 0;
    positive += differences[i] > 0 ? rank : 0;
    ranks += rank * rank / 4.0;
  }
  EXPECT_NEAR(many, std::erfc(std::abs(positive - 400.0 * 401.0 / 4.0) / std::sqrt(2.0 * ranks)), 1e-12);
}

// The share of 2000 samples of a centre of 0 whose interval contains it.
template <class MakeInterval>
double coverage(std::size_t n, const MakeInterval& make) {
  Generator generator(7);
  int covered = 0;
  for (int k = 0; k < 2000; ++k) {
    std::vector<double> values(n);
    generator.normal(values);
    for (double& value : values) value = value * value * value;  // heavy tails, symmetric about 0
    const Interval interval = make(values);
    covered += interval.low <= 0 && 0 <= interval.high ? 1 : 0;
  }
  return covered / 2000.0;
}

TEST(Intervals, CoverTheCentre) {
  for (const std::size_t n : {6UL, 10UL, 25UL}) {
    EXPECT_GT(coverage(n, [](const auto& values) { return centre(values).interval; }), 0.94) << n;
    EXPECT_GT(coverage(n, [](const auto& values) { return median_interval(values); }), 0.94) << n;
  }
}

TEST(Intervals, OfFewValuesAreOpen) {
  const std::vector<double> five{1, 2, 3, 4, 5}, ten{1, 2, 3, 4, 5, 6, 7, 8, 9, infinity};
  EXPECT_EQ(centre(five).interval.low, -infinity);
  EXPECT_EQ(median_interval(five).high, infinity);
  EXPECT_EQ(median_interval(ten).low, 2);
  EXPECT_EQ(median_interval(ten).high, 9);
}

TEST(Intervals, OfTheSignedRankTestAgreeWithIt) {
  const std::vector<double> above{0.1, 0.4, 0.2, 0.3, 0.9, 0.5, 1.2}, both{-0.5, 0.4, -0.2, 0.3, 0.9, -0.7, 0.1};
  EXPECT_LT(signed_rank_p(above), 0.05);
  EXPECT_GT(centre(above).interval.low, 0);
  EXPECT_GT(signed_rank_p(both), 0.05);
  EXPECT_LT(centre(both).interval.low, 0);
}

TEST(Holm, MultipliesByWhatIsLeft) {
  const auto corrected = holm(std::vector{0.01, 0.04, 0.03, 0.005});
  EXPECT_DOUBLE_EQ(corrected[3], 0.02);
  EXPECT_DOUBLE_EQ(corrected[0], 0.03);
  EXPECT_DOUBLE_EQ(corrected[2], 0.06);
  EXPECT_DOUBLE_EQ(corrected[1], 0.06);  // no less than the one before it
  EXPECT_TRUE(holm({}).empty());
}

TEST(PerformanceProfile, CountsProblemsWithinAFactorOfTheBest) {
  const std::vector<double> factors{1, 2, 4};
  const auto profile = performance_profile({{10, 40, infinity, infinity}, {20, 10, 30, infinity}}, factors);
  EXPECT_EQ(profile[0], (std::vector{0.25, 0.25, 0.5}));
  EXPECT_EQ(profile[1], (std::vector{0.5, 0.75, 0.75}));  // the last problem is nobody's
}

TEST(BestOfTries, IsTheMedianOfTheBest) {
  const std::vector<double> values{8, 1, 4, 2, infinity, 16, 32, 64};
  const auto best = best_of_tries(values);
  ASSERT_EQ(best.median.size(), 8u);
  EXPECT_EQ(best.median[0], 8);  // half of the values are at 8 or below
  EXPECT_EQ(best.median[1], 4);  // 1 - sqrt(1/2) = 0.29 of them at 4 or below
  for (std::size_t n = 1; n < 8; ++n) EXPECT_LE(best.median[n], best.median[n - 1]);
}

// The band holds for every number of tries at once in 95% of samples, here of a uniform distribution.
TEST(BestOfTries, HasABandThatCoversTheTruth) {
  Generator generator(3);
  int covered = 0;
  for (int k = 0; k < 1000; ++k) {
    std::vector<double> values(30);
    generator.uniform(values);
    const auto best = best_of_tries(values);
    bool all = true;
    for (std::size_t n = 0; n < 30; ++n) {
      const double truth = 1.0 - std::pow(0.5, 1.0 / static_cast<double>(n + 1));
      all = all && best.low[n] <= truth && truth <= best.high[n];
    }
    covered += all ? 1 : 0;
  }
  EXPECT_GE(covered, 940);
}

}  // namespace
}  // namespace sigmagrad::lab
