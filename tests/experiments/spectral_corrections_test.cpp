// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/support/spectral_golden.hpp>

namespace sigmagrad::testing {
namespace {

TEST(SpectralCorrections, ReproduceTheReferencesNumbers) {
  for (const char* correction : {"multipliers", "svd"}) {
    const auto result = run_json(
        "spectral/corrections --trials 10 --set multiplier_lr=0.001 --set sample=paper "
        "--stream numpy --set correction=" +
        std::string(correction));
    expect_spectral_golden(group_of(result, {}), std::string("corrections/") + correction, 1e-6, 1e-6);
  }
}

TEST(SpectralCorrections, StayWithinTheBandsOnAnotherStream) {
  const auto result = run_json("spectral/corrections --trials 2 --set sample=paper");
  ASSERT_EQ(result.at("groups").size(), 9u);
  const auto rows = [&](const char* correction, double lr) {
    return value_of(result, {{"correction", correction}, {"multiplier_lr", lr}}, "row_norm_error", "mean");
  };
  EXPECT_NEAR(rows("sgd", 0.001), 0.134, 0.003);
  EXPECT_NEAR(rows("spectral", 0.001), 0.134, 0.003);
  EXPECT_NEAR(rows("multipliers", 0.001), 0.044, 0.008);
  EXPECT_NEAR(rows("combined", 0.001), 0.044, 0.008);
  EXPECT_NEAR(rows("svd", 0.001), 0.0478, 0.001);
  EXPECT_NEAR(rows("singular_values", 0.001), 0.110, 0.003);
  EXPECT_LT(rows("multipliers", 0.01), 0.004);
}

TEST(SpectralCorrections, ClaimsAreNotTestedAtOtherSettings) {
  const auto result = run_json("spectral/corrections --set d=8 --set steps=2 --trials 1");
  for (const auto& claim : result.at("claims")) EXPECT_EQ(claim.at("verdict"), "not tested");
}

}  // namespace
}  // namespace sigmagrad::testing
