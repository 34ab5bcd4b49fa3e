// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <limits>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/golden.hpp>

namespace sigmagrad::theory {
namespace {

constexpr double unbounded = std::numeric_limits<double>::infinity();

TEST(CompletionLimits, AreTheReferenceNumbers) {
  const auto file = testing::golden("completion_limits.json");
  for (const auto& c : file["cases"]) {
    const std::int64_t n = c["n"];
    const double m = c["m"].is_string() ? unbounded : c["m"].get<double>(), depth = c["L"];
    const auto limits = completion_limits({.w = c["w"],
                                           .n = n,
                                           .s = c["s"],
                                           .depth = c["L"],
                                           .m = m,
                                           .log_alpha = std::log(c["alphaL"].get<double>()) / depth});
    EXPECT_NEAR(limits.sigma_1 / c["sigma1"].get<double>(), 1.0, 1e-12) << c;
    EXPECT_NEAR(limits.sigma_rest / c["sigma_rest"].get<double>(), 1.0, 1e-12) << c;
    EXPECT_NEAR(limits.stable_rank(n) / c["stable_rank"].get<double>(), 1.0, 1e-12) << c;
    EXPECT_NEAR(limits.effective_rank(n) / c["effective_rank"].get<double>(), 1.0, 1e-12) << c;
  }
  EXPECT_EQ(file["cases"].size(), 420u);
}

// Equations (8) and (9) as the paper prints them, where evaluating them does not cancel.
TEST(CompletionLimits, SatisfyTheImplicitEquations) {
  for (const double alpha : {1.0, 0.5})
    for (const std::int64_t depth : {3, 4, 6})
      for (const double m : {1.5, 10.0}) {
        const double w = 2.0, n = 4, d = 8, k = static_cast<double>(depth - 2), p = -k / static_cast<double>(depth);
        const auto [sigma_1, sigma_rest] =
            completion_limits({.w = w, .n = 4, .s = 2, .depth = depth, .m = m, .log_alpha = std::log(alpha)});
        const double constant = std::pow(alpha / m, -k) * (std::pow(m + d - 1, -k) - std::pow(m - 1, -k));
        EXPECT_NEAR((std::pow(sigma_1, p) - std::pow((w * d - sigma_1) / (n - 1), p)) / constant, 1.0, 1e-8);
        EXPECT_NEAR((std::pow(w * d - (n - 1) * sigma_rest, p) - std::pow(sigma_rest, p)) / constant, 1.0, 1e-8);
      }
}

TEST(CompletionLimits, LoseNoDigitsFarOut) {
  const auto close = completion_limits({.depth = 5, .m = 1e10, .log_alpha = std::log(1e-10) / 5});
  EXPECT_NEAR(close.sigma_1, 1.004514, 1e-6);
  EXPECT_NEAR(close.sigma_rest, 0.999498, 1e-6);
  const auto apart = completion_limits({.depth = 3, .m = 2, .log_alpha = -200.0});
  EXPECT_NEAR(apart.sigma_1, 10.0, 1e-12);
  EXPECT_GT(apart.sigma_rest, 0.0);
  EXPECT_EQ(apart.stable_rank(10), 1.0);
  EXPECT_NEAR(apart.effective_rank(10), 1.0, 1e-12);
  const double beyond = std::ldexp(1.0, -33), m = 1.0 + beyond;  // next to ones; sigma_1 is 10 to rounding
  const auto ones = completion_limits({.depth = 3, .m = m});
  const double power = m * (1.0 / beyond - 1.0 / (9.0 + m)) + std::pow(10.0, -1.0 / 3.0);  // sigma_rest^(-1/3), by (8)
  EXPECT_NEAR(ones.sigma_rest * power * power * power, 1.0, 1e-13);
}

// Corollary 3.4: the stable rank goes to 1 with alpha, but not at depth 2 nor from the identity.
TEST(CompletionLimits, StableRankFallsToOneWithTheScale) {
  const auto rank = [](std::int64_t depth, double m, double scale) {
    return completion_limits({.depth = depth, .m = m, .log_alpha = std::log(scale) / static_cast<double>(depth)})
        .stable_rank(10);
  };
  for (const std::int64_t depth : {3, 4, 5}) {
    double before = 10.0;
    for (const double scale : {1.0, 1e-2, 1e-4, 1e-8, 1e-16}) {
      const double here = rank(depth, 100.0, scale);
      EXPECT_LT(here, before);
      before = here;
    }
    EXPECT_LT(before - 1.0, 1e-9);
    EXPECT_EQ(rank(depth, unbounded, 1e-16), 10.0);
  }
  EXPECT_EQ(rank(2, 100.0, 1e-16), rank(2, 100.0, 1.0));
}

TEST(CompletionLimits, RefusesSettingsOutsideTheTheorem) {
  using testing::error_of;
  EXPECT_EQ(error_of([] { completion_limits({.w = 0.0}); }), "completion_limits: w must be > 0 (got 0)");
  EXPECT_EQ(error_of([] { completion_limits({.n = 1}); }),
            "completion_limits: needs n >= 2 blocks of size s >= 1 (got n 1, s 1)");
  EXPECT_EQ(error_of([] { completion_limits({.depth = 1}); }), "completion_limits: depth must be >= 2 (got 1)");
  EXPECT_EQ(error_of([] { completion_limits({.m = 1.0}); }), "completion_limits: m must be > 1 (got 1)");
  EXPECT_EQ(error_of([] { completion_limits({.log_alpha = -unbounded}); }),
            "completion_limits: log_alpha must be finite (got -inf)");
}

}  // namespace
}  // namespace sigmagrad::theory
