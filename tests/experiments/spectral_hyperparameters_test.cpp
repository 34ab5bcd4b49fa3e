// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/support/spectral_golden.hpp>

namespace sigmagrad::testing {
namespace {

TEST(SpectralHyperparameters, ReproduceTheReferencesNumbers) {
  const auto result = run_json(
      "spectral/hyperparameters --sweep lr=0.001,0.05 --sweep weight_decay=0 --set noise=0.01 --set sample=paper "
      "--stream numpy --trials 10");
  for (const auto& group : result.at("groups")) expect_spectral_golden(group, learning_rate_key(group), 1e-6, 1e-6);
  const auto decayed = run_json(
      "spectral/hyperparameters --set lr=0.01 --set weight_decay=0.01 --set noise=0.01 --set sample=paper "
      "--stream numpy --trials 10");
  expect_spectral_golden(group_of(decayed, {}), "hyperparameters/weight_decay=0.01", 1e-6, 1e-6);
}

TEST(SpectralHyperparameters, NormsFollowTheirClosedFormsOnAnotherStream) {
  const auto result = run_json(
      "spectral/hyperparameters --sweep lr=0.001,0.01,0.05 --sweep weight_decay=0,0.01 --set sample=paper --trials 3");
  const auto rows = [&](double lr, double decay) {
    return value_of(result, {{"lr", lr}, {"weight_decay", decay}, {"noise", 0.01}}, "row_norm_error", "mean");
  };
  EXPECT_NEAR(rows(0.001, 0.0), 0.807, 0.005);
  EXPECT_NEAR(rows(0.01, 0.0), 0.134, 0.003);
  EXPECT_NEAR(rows(0.05, 0.0), 1.16e-4, 0.1e-4);
  EXPECT_NEAR(rows(0.01, 0.01), 0.140, 0.003);
  EXPECT_NEAR(rows(0.05, 0.01), 0.0099, 0.0001);
}

TEST(SpectralHyperparameters, AblationsAreMadeOneAtATime) {
  const auto result = run_json("spectral/hyperparameters --set d=8 --set steps=2 --trials 1");
  EXPECT_EQ(result.at("groups").size(), 30u);  // 20 of the paper, 5 without noise, 5 of other trials
  EXPECT_EQ(group_of(result, {{"lr", 0.001}, {"sample", "other"}}).at("trials"), 20);
  EXPECT_EQ(group_of(result, {{"lr", 0.01}, {"sample", "other"}}).at("trials"), 5);
  for (const auto& claim : result.at("claims")) EXPECT_EQ(claim.at("verdict"), "not tested");
}

}  // namespace
}  // namespace sigmagrad::testing
