// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/golden.hpp>
#include <sigmagrad/theory/aligned.hpp>

namespace sigmagrad::theory {
namespace {

using sigmagrad::testing::error_of;

TEST(AlignedMode, MatchesTheReference) {
  const auto file = testing::golden("balanced_aligned.json");
  ASSERT_EQ(file["cases"].size(), 22u);
  for (const auto& mode : file["cases"]) {
    const double s = mode["s"], a0 = mode["a0"], lambda = mode["lam"];
    for (std::size_t i = 0; i < mode["t"].size(); ++i) {
      const double expected = mode["a"][i], scale = a0 < 0 ? std::max(std::abs(a0), s) : std::abs(expected);
      EXPECT_NEAR(aligned_mode(s, a0, lambda, mode["t"][i]), expected, 1e-12 * scale)
          << "s " << s << " a0 " << a0 << " lambda " << lambda << " t " << mode["t"][i];
    }
  }
}

// The printed solution (3.2) has lambda where |lambda| belongs, and gives .542 here.
TEST(AlignedMode, DependsOnTheSizeOfLambdaAlone) {
  EXPECT_NEAR(aligned_mode(1.0, 0.3, -2.0, 0.5), 0.781, 5e-4);
  EXPECT_EQ(aligned_mode(1.0, 0.3, -2.0, 0.5), aligned_mode(1.0, 0.3, 2.0, 0.5));
}

TEST(AlignedMode, SolvesItsEquation) {
  const double h = 1e-5;
  for (const double lambda : {-3.0, -1e-4, 0.0, 0.5, 40.0})
    for (const double a0 : {-0.7, 0.01, 1.1, 2.5})
      for (const double s : {0.0, 0.4, 1.6})
        for (const double t : {0.2, 1.0}) {
          const double a = aligned_mode(s, a0, lambda, t);
          const double slope = (aligned_mode(s, a0, lambda, t + h) - aligned_mode(s, a0, lambda, t - h)) / (2 * h);
          EXPECT_NEAR(slope, std::hypot(lambda, 2 * a) * (s - a), 1e-5) << lambda << ' ' << a0 << ' ' << s << ' ' << t;
        }
}

// For large lambda the mode is that of a shallow network, at the rate |lambda|: a0 < 0 is no exception.
TEST(AlignedMode, KeepsItsDigitsForLargeLambda) {
  for (const double lambda : {-1e8, 1e8})
    for (const double a0 : {-1e-9, 1e-9})
      EXPECT_NEAR(aligned_mode(0.0, a0, lambda, 1e-8), a0 * std::exp(-1.0), 1e-14 * std::abs(a0));
}

TEST(AlignedMode, StaysFiniteAndArrives) {
  for (const double lambda : {0.0, 1e-8, -1.0, 1e6}) {
    EXPECT_NEAR(aligned_mode(2.0, 1e-12, lambda, 1e6), 2.0, 1e-15);
    EXPECT_NEAR(aligned_mode(0.0, 1.0, lambda, 1e12), 0.0, 1e-12);
  }
  EXPECT_EQ(aligned_mode(1.0, 0.0, 0.0, 1e6), 0.0);
  EXPECT_LE(std::abs(aligned_mode(1.0, -0.5, 0.0, 1e6)), 1e-300);  // the saddle
  EXPECT_NEAR(aligned_mode(1.0, -0.5, 1e-3, 1e6), 1.0, 1e-15);
}

TEST(AlignedTime, IsTheInverse) {
  for (const double lambda : {-3.0, -1e-6, 0.0, 0.5, 40.0})
    for (const double a0 : {-0.7, 0.01, 1.1, 2.5})
      for (const double s : {0.0, 0.4, 1.6})
        for (const double t : {0.1, 0.5, 1.0}) {
          const double a = aligned_mode(s, a0, lambda, t);
          if (std::abs(a - s) < 1e-3) continue;  // where a barely moves it does not say the time
          EXPECT_NEAR(aligned_time(s, a0, a, lambda), t, 1e-9) << lambda << ' ' << a0 << ' ' << s << ' ' << t;
        }
  EXPECT_NEAR(aligned_time(1.5, 0.01, 1.4, 0.0), std::log(1.4 * 1.49 / (0.01 * 0.1)) / 3.0, 1e-12);
}

// Far above the target time is (1/af - 1/a0) / 2, to all digits, however small lambda and s are.
TEST(AlignedTime, KeepsItsDigitsFarFromTheTarget) {
  for (const double lambda : {0.0, 1e-12, 1e-8})
    for (const double s : {0.0, 1e-18, 1e-14})
      EXPECT_NEAR(aligned_time(s, 50.0, 40.0, lambda) / 0.0025, 1.0, 1e-13) << lambda << ' ' << s;
  EXPECT_NEAR(aligned_time(1.0, 1e-200, 1e-199, 0.0), std::log(10.0) / 2, 1e-14);
}

TEST(AlignedTime, IsInfiniteForWhatIsNeverReached) {
  const double never = std::numeric_limits<double>::infinity();
  EXPECT_EQ(aligned_time(1.0, 0.1, 1.0, 0.5), never);
  EXPECT_EQ(aligned_time(1.0, 0.1, 0.05, 0.5), never);
  EXPECT_EQ(aligned_time(1.0, 2.0, 2.5, 0.5), never);
  EXPECT_EQ(aligned_time(1.0, -0.1, 0.5, 0.0), never);
  EXPECT_EQ(aligned_time(1.0, 0.0, 0.5, 0.0), never);
  EXPECT_EQ(aligned_time(1.0, 0.4, 0.4, 2.0), 0.0);
}

TEST(ModeStrengths, MultiplyToTheModeAndDifferByLambda) {
  for (const double lambda : {-1e6, -2.0, 0.0, 2.0, 1e6})
    for (const double a : {-0.4, 0.0, 3.0}) {
      const auto [input, output] = mode_strengths(a, lambda);
      EXPECT_NEAR(input * output, a, 1e-15 * std::abs(a) * 2);
      EXPECT_NEAR(output * output - input * input, lambda, 4e-16 * (std::abs(lambda) + 4 * std::abs(a)));
    }
}

TEST(DeepAlignedMode, OfTwoLayersIsTheZeroBalancedMode) {
  for (const double a0 : {1e-8, 0.3, 1.0, 4.0})
    for (const double t : {0.0, 0.5, 3.0, 40.0, 1e6})
      EXPECT_NEAR(deep_aligned_mode(1.7, a0, 2, t), aligned_mode(1.7, a0, 0.0, t), 2e-13 * 1.7) << a0 << ' ' << t;
  EXPECT_NEAR(deep_aligned_mode(0.0, 0.3, 2, 5.0), aligned_mode(0.0, 0.3, 0.0, 5.0), 1e-15);
}

// A target of low rank has singular values that are zero but for rounding.
TEST(DeepAlignedMode, TakesTargetsNextToZero) {
  for (const double t : {0.0, 1.0, 20.0}) {
    const double expected = deep_aligned_mode(0.0, 1.0, 3, t);
    EXPECT_NEAR(expected, std::pow(1 + 4 * t, -0.75), 1e-15);
    for (const double s : {1e-14, 1e-17, 1e-30}) EXPECT_NEAR(deep_aligned_mode(s, 1.0, 3, t), expected, 1e-12) << s;
  }
  EXPECT_EQ(deep_aligned_mode(0.0, 1e-250, 3, 0.0), 1e-250);
}

TEST(DeepAlignedMode, SolvesItsEquation) {
  const double h = 1e-4;
  for (const int depth : {1, 2, 3, 7})
    for (const double a0 : {0.05, 1.1, 2.5})
      for (const double s : {0.0, 0.4, 1.6}) {
        const double a = deep_aligned_mode(s, a0, depth, 0.3);
        const double slope =
            (deep_aligned_mode(s, a0, depth, 0.3 + h) - deep_aligned_mode(s, a0, depth, 0.3 - h)) / (2 * h);
        const double expected = depth * std::pow(a, 2.0 - 2.0 / depth) * (s - a);
        EXPECT_NEAR(slope, expected, 1e-5 * (1 + std::abs(expected))) << depth << ' ' << a0 << ' ' << s;
      }
}

TEST(ShallowDynamics, ApproachesTheTargetAtOneRate) {
  const auto W0 = tensor({{1.0, 2.0}}), target = tensor({{3.0, 0.0}});
  EXPECT_TRUE(testing::close(shallow_dynamics(W0, target, std::log(4.0)), tensor({{2.5, 0.5}}), 1e-15));
}

TEST(AlignedErrors, NameWhatIsWrong) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(error_of([] { aligned_mode(-1.0, 0.1, 0.0, 1.0); }), "aligned_mode: s must be finite and >= 0 (got -1)");
  EXPECT_EQ(error_of([=] { aligned_mode(1.0, 0.1, nan, 1.0); }), "aligned_mode: lambda must be finite (got nan)");
  EXPECT_EQ(error_of([] { aligned_mode(1.0, 0.1, 0.0, -1.0); }),
            "aligned_mode: a time must be finite and >= 0 (got -1)");
  EXPECT_EQ(error_of([=] { aligned_time(1.0, 0.1, nan, 0.0); }), "aligned_time: af must be finite (got nan)");
  EXPECT_EQ(error_of([] { deep_aligned_mode(1.0, 0.1, 0, 1.0); }), "deep_aligned_mode: depth must be >= 1 (got 0)");
  EXPECT_EQ(error_of([] { deep_aligned_mode(1.0, -0.1, 3, 1.0); }),
            "deep_aligned_mode: a0 must be finite and >= 0 (got -0.1)");
}

}  // namespace
}  // namespace sigmagrad::theory
