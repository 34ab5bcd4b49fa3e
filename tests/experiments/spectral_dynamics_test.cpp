// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/support/golden.hpp>
#include <sigmagrad/tests/support/runs.hpp>

namespace sigmagrad::testing {
namespace {

TEST(SpectralDynamics, ReproducesTheReferencesCurves) {
  const auto result =
      run_json("spectral/dynamics --trials 10 --set gradient=batch --set sample=paper --set steps=40 --stream numpy");
  const auto expected = golden("spectral.json").at("results").at("dynamics/d=64").at("mean");
  for (const char* step : {"1", "10", "20", "30", "40"})
    for (const auto& [component, metric] : {std::pair{"row", "row_norm_error"}, {"cond", "cond_error"}}) {
      const double mean = expected.at(step).at(component);
      EXPECT_NEAR(value_of(result, {}, std::string(metric) + '@' + step, "mean"), mean, 1e-6 * mean) << step;
    }
}

TEST(SpectralDynamics, NormErrorsFallAlongEveryTrial) {
  const auto result = run_json("spectral/dynamics --trials 3");
  EXPECT_EQ(verdict_of(result, "smoothly and monotonically"), "holds");
  EXPECT_EQ(verdict_of(result, "weak gradient signal"), "does not hold");
}

TEST(SpectralDynamics, ClaimsAreNotTestedAtOtherSettings) {
  const auto result = run_json("spectral/dynamics --set d=8 --set steps=12 --trials 1");
  for (const auto& claim : result.at("claims")) EXPECT_EQ(claim.at("verdict"), "not tested");
}

}  // namespace
}  // namespace sigmagrad::testing
