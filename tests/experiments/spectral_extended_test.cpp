// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/support/runs.hpp>

namespace sigmagrad::testing {
namespace {

// In small: label noise keeps the condition number up, where theory puts its floor, and nothing else does.
TEST(SpectralExtended, LabelNoiseIsTheFloor) {
  const auto result = run_json("spectral/extended --set d=16 --set sample=paper --set long_steps=2000 --trials 20");
  const nlohmann::json noisy = {{"noise", 0.01}}, free = {{"noise", 0.0}};
  const double floor = value_of(result, noisy, "cond_floor");
  EXPECT_GT(value_of(result, noisy, "cond_error@2000"), 0.3 * floor);
  EXPECT_LT(value_of(result, noisy, "cond_error@2000"), 3.0 * floor);
  EXPECT_LT(value_of(result, free, "cond_error@2000"), 1e-3 * value_of(result, free, "cond_error"));
  EXPECT_LT(value_of(result, free, "row_norm_error@2000"), 1e-8);
  EXPECT_NEAR(value_of(result, noisy, "row_norm_error"), 6.5e-5, 0.5e-5);
}

TEST(SpectralExtended, LooksAfterTheFirstStepAndAtTheEnd) {
  const auto result = run_json("spectral/extended --set d=8 --set steps=60 --set long_steps=70 --trials 1");
  const auto& metrics = group_of(result, {{"noise", 0.01}, {"sample", "paper"}}).at("metrics");
  for (const char* step : {"1", "50", "60", "70"}) EXPECT_TRUE(metrics.contains(std::string("cond_error@") + step));
  EXPECT_FALSE(metrics.contains("cond_error@0"));
  EXPECT_EQ(metrics.at("cond_error"), metrics.at("cond_error@60"));
  EXPECT_NE(metrics.at("cond_error"), metrics.at("cond_error@70"));
  for (const auto& claim : result.at("claims")) EXPECT_EQ(claim.at("verdict"), "not tested");
}

}  // namespace
}  // namespace sigmagrad::testing
