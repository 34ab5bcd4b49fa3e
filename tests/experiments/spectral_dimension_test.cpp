// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/support/spectral_golden.hpp>

namespace sigmagrad::testing {
namespace {

TEST(SpectralDimension, ReproducesTheReferencesNumbers) {
  const auto result = run_json("spectral/dimension --trials 15 --sweep d=32,64 --set sample=paper --stream numpy");
  ASSERT_EQ(result.at("groups").size(), 2u);
  for (const auto& group : result.at("groups")) expect_spectral_golden(group, dimension_key(group), 1e-6, 1e-6);
}

TEST(SpectralDimension, TheReferencesTargetsHaveTheirConditionNumber) {
  const auto result =
      run_json("spectral/dimension --trials 10 --set d=64 --set steps=1 --set sample=paper --stream numpy");
  EXPECT_NEAR(value_of(result, {{"d", 64}}, "target_cond", "mean"), 927.77, 0.005);
}

TEST(SpectralDimension, AnotherSeedGivesOtherTrialsOfTheSameKind) {
  const std::string one = "spectral/dimension --set d=16 --set steps=5 --set sample=paper --stream numpy ";
  const auto second = run_json(one + "--trials 1 --seed 142"), both = run_json(one + "--trials 2 --seed 42");
  const double largest = std::max(value_of(both, {}, "target_cond", "min"), value_of(both, {}, "target_cond", "max"));
  const double smallest = value_of(both, {}, "target_cond", "min");
  const double seen = value_of(second, {}, "target_cond");
  EXPECT_TRUE(seen == largest || seen == smallest);
  EXPECT_NE(largest, smallest);
}

TEST(SpectralDimension, StaysWithinTheBandsOnAnotherStream) {
  const auto result = run_json("spectral/dimension --trials 15 --sweep d=32,64 --set sample=paper");
  for (const auto& group : result.at("groups")) {
    const auto& metrics = group.at("metrics");
    const double expected = group.at("params").at("d") == 32 ? 0.1351 : 0.1358;
    EXPECT_NEAR(metrics.at("overall_error").at("mean"), expected, 0.02 * expected);
    EXPECT_NEAR(metrics.at("row_norm_error").at("mean"), 0.134, 0.003);
    EXPECT_GT(metrics.at("cond_error").at("median"), 0.03);
    EXPECT_LT(metrics.at("cond_error").at("median"), 0.55);
  }
}

TEST(SpectralDimension, OtherTrialsAreOthersAndMore) {
  const auto result = run_json("spectral/dimension --set d=8 --set steps=2 --trials 2");
  EXPECT_EQ(group_of(result, {{"sample", "paper"}}).at("trials"), 2);
  EXPECT_EQ(group_of(result, {{"sample", "other"}}).at("trials"), 20);
  const auto lowest = value_of(result, {{"sample", "paper"}}, "target_cond", "min");
  EXPECT_NE(lowest, value_of(result, {{"sample", "other"}}, "target_cond", "min"));
}

TEST(SpectralDimension, ClaimsAreNotTestedAtOtherSettings) {
  const auto result = run_json("spectral/dimension --sweep d=8,16,20 --set lr=0.1 --set steps=2 --trials 2");
  for (const auto& claim : result.at("claims")) EXPECT_EQ(claim.at("verdict"), "not tested") << claim.at("claim");
}

TEST(SpectralDimension, ATrialThatDivergesIsKeptAsFailed) {
  const std::string out = (std::filesystem::path(::testing::TempDir()) / "sigmagrad-diverging").string();
  std::filesystem::remove_all(out);
  const std::string command = std::string(SIGMAGRAD_PROGRAM) +
                              " run spectral/dimension --set d=8 --set lr=50 --set sample=paper --trials 2 --json "
                              "--out " +
                              out + " >/dev/null 2>&1";
  EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), 1);
}

}  // namespace
}  // namespace sigmagrad::testing
