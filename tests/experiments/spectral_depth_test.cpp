// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/support/spectral_golden.hpp>

namespace sigmagrad::testing {
namespace {

TEST(SpectralDepth, ReproducesTheReferencesNumbers) {
  const auto result = run_json("spectral/depth --trials 10 --set sample=paper --set long_steps=300 --stream numpy");
  ASSERT_EQ(result.at("groups").size(), 4u);
  for (const auto& group : result.at("groups")) expect_depth_golden(group);
}

TEST(SpectralDepth, StaysWithinTheBandsOnAnotherStream) {
  const auto result =
      run_json("spectral/depth --trials 10 --set activation=linear --set sample=paper --set long_steps=300");
  const double overall[] = {0.05, 0.22, 0.26}, tolerance[] = {0.001, 0.02, 0.02};
  const double low[] = {0.01, 4, 60}, high[] = {0.25, 1600, 2.5e4};
  for (int i = 0; i < 3; ++i) {
    EXPECT_NEAR(value_of(result, {{"depth", i + 1}}, "overall_error", "mean"), overall[i], tolerance[i]) << i;
    const double cond = value_of(result, {{"depth", i + 1}}, "cond_error");
    EXPECT_TRUE(low[i] < cond && cond < high[i]) << i << ": " << cond;
  }
}

// In deep products the smallest singular value is still that of the start.
TEST(SpectralDepth, DeepProductsKeepTheStartsSmallestSingularValue) {
  const auto result =
      run_json("spectral/depth --sweep depth=1,3 --set activation=linear --set d=32 --set sample=other --trials 4");
  const auto ratio = [&](int depth) {
    return value_of(result, {{"depth", depth}}, "cond_error") /
           value_of(result, {{"depth", depth}}, "frozen_cond_error");
  };
  EXPECT_LT(ratio(1), 0.1);
  EXPECT_GT(ratio(3), 0.3);
  EXPECT_LT(ratio(3), 3.0);
}

TEST(SpectralDepth, LongerTrainingContinuesThePapersTrialsAlone) {
  const std::string run = "spectral/depth --set depth=2 --set d=8 --set steps=20 --trials 1 ";
  const auto one = run_json(run + "--set long_steps=20"), two = run_json(run + "--set long_steps=40");
  const nlohmann::json linear = {{"activation", "linear"}, {"sample", "paper"}};
  for (const char* metric : {"cond_error", "overall_error", "layer_cond_2"})
    EXPECT_EQ(value_of(one, linear, metric), value_of(two, linear, metric)) << metric;
  EXPECT_EQ(value_of(one, linear, "final_cond_error"), value_of(one, linear, "cond_error"));
  EXPECT_NE(value_of(two, linear, "final_cond_error"), value_of(two, linear, "cond_error"));
  EXPECT_LT(value_of(two, linear, "overall_error@40"), value_of(two, linear, "overall_error@20"));
  const auto relu = group_of(two, {{"activation", "relu"}, {"sample", "other"}});
  EXPECT_EQ(relu.at("trials"), 5);
  EXPECT_FALSE(relu.at("metrics").contains("final_output_error"));
}

TEST(SpectralDepth, ClaimsAreNotTestedAtOtherSettings) {
  const auto result = run_json("spectral/depth --set d=8 --set steps=2 --set long_steps=2 --trials 1");
  ASSERT_EQ(result.at("claims").size(), 7u);
  for (const auto& claim : result.at("claims")) EXPECT_EQ(claim.at("verdict"), "not tested");
}

}  // namespace
}  // namespace sigmagrad::testing
