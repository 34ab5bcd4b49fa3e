// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/support/golden_runs.hpp>

namespace sigmagrad::testing {
namespace {

TEST(Spectral, DimensionOnTheReferencesStream) {
  const auto result = run_json("spectral/dimension --trials 15 --sweep d=32,64 --stream numpy");
  ASSERT_EQ(result.at("groups").size(), 2u);
  for (const auto& group : result.at("groups")) expect_spectral_golden(group, dimension_key(group), 1e-6, 1e-6);
  EXPECT_EQ(result.at("claims").size(), 5u);
}

TEST(Spectral, TheReferencesTargetsHaveTheirConditionNumber) {
  const auto result = run_json("spectral/dimension --trials 10 --set d=64 --set steps=1 --stream numpy");
  EXPECT_NEAR(result.at("groups").at(0).at("metrics").at("target_cond").at("mean"), 927.77, 0.005);
}

TEST(Spectral, DepthOnTheReferencesStream) {
  const auto result = run_json("spectral/depth --trials 10 --set long_steps=300 --stream numpy");
  ASSERT_EQ(result.at("groups").size(), 4u);
  for (const auto& group : result.at("groups")) expect_spectral_golden(group, depth_key(group), 1e-6, 1e-3);
  const auto& linear2 = result.at("groups").at(1);
  EXPECT_NEAR(linear2.at("metrics").at("product_cond").at("mean"), 242570.72837651108, 1e-3 * 242570);
}

TEST(Spectral, OverallErrorFollowsTheClosedFormOnAnyStream) {
  const auto result = run_json("spectral/dimension --trials 15 --sweep d=32,64");
  for (const auto& group : result.at("groups")) {
    const double expected = group.at("params").at("d") == 32 ? 0.1351 : 0.1358;
    EXPECT_NEAR(group.at("metrics").at("overall_error").at("mean"), expected, 0.02 * expected);
  }
}

TEST(Spectral, ATrialThatDivergesIsKeptAsFailed) {
  const std::string out = (std::filesystem::path(::testing::TempDir()) / "sigmagrad-diverging").string();
  std::filesystem::remove_all(out);
  const std::string command = std::string(SIGMAGRAD_PROGRAM) +
                              " run spectral/dimension --set d=8 --set lr=50 --trials 2 --json --out " + out +
                              " >/dev/null 2>&1";
  EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), 1);
}

}  // namespace
}  // namespace sigmagrad::testing
