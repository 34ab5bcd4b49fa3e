// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <sigmagrad/tests/support/golden.hpp>
#include <sigmagrad/tests/support/runs.hpp>

namespace sigmagrad::testing {
namespace {

TEST(SpectralGradient, ReproducesTheReferencesRatios) {
  const auto result = run_json("spectral/gradient --set gradient=batch --set steps=51 --stream numpy");
  const auto expected = golden("spectral.json").at("results").at("gradient/d=64").at("median_top_over_bottom");
  for (const char* step : {"0", "20", "50"}) {
    const double ratio = expected.at(step);
    EXPECT_NEAR(value_of(result, {}, std::string("top_over_bottom@") + step), ratio, 1e-6 * ratio) << step;
  }
}

TEST(SpectralGradient, TheExactGradientClosesEveryDistanceAtOneRate) {
  const auto result = run_json("spectral/gradient --set gradient=population --set d=16 --set steps=40 --trials 3");
  for (const char* place : {"top", "middle", "bottom"})
    for (const char* extreme : {"min", "max"})
      EXPECT_NEAR(value_of(result, {}, std::string("residual_left_") + place, extreme), std::pow(0.99, 40), 1e-10);
}

TEST(SpectralGradient, ClaimsAreJudgedAtThePrintedSettings) {
  const auto result = run_json("spectral/gradient --sweep d=16,64 --trials 4");
  EXPECT_EQ(verdict_of(result, "far less gradient"), "holds in shape");
  EXPECT_EQ(verdict_of(result, "from converging"), "does not hold");
  const auto other = run_json("spectral/gradient --set d=16 --set steps=25 --trials 2");
  for (const auto& claim : other.at("claims")) EXPECT_EQ(claim.at("verdict"), "not tested");
}

}  // namespace
}  // namespace sigmagrad::testing
