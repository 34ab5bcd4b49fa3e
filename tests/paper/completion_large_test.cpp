// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include <sigmagrad/tests/support/runs.hpp>

namespace sigmagrad::testing {
namespace {

double statistic(const nlohmann::json& group, const char* metric, const char* name) {
  return group.at("metrics").at(metric).at(name).get<double>();
}

void expect_within(const nlohmann::json& group, const char* metric, double low, double high) {
  EXPECT_GE(statistic(group, metric, "min"), low) << metric;
  EXPECT_LE(statistic(group, metric, "max"), high) << metric;
}

// Figure 3: 100 x 100 of rank 5, 2000 entries and 1000 more.
TEST(PaperSize, PlasticityIsLostAtDepthTwoAlone) {
  const auto result = run_json("completion/plasticity --preset paper --set steps=0");
  const auto& groups = result.at("groups");
  ASSERT_EQ(groups.size(), 3u);
  expect_within(groups.at(0), "pre_effective_rank", 13.0, 16.5);
  expect_within(groups.at(0), "warm_effective_rank", 10.0, 12.5);
  expect_within(groups.at(0), "cold_effective_rank", 8.7, 10.2);
  expect_within(groups.at(0), "rank_gap", 1.2, 4.0);
  expect_within(groups.at(0), "rmse_ratio", 1.1, 2.0);
  for (const char* metric : {"pre_effective_rank", "warm_effective_rank", "cold_effective_rank"}) {
    expect_within(groups.at(1), metric, 5.2, 6.0);
    expect_within(groups.at(2), metric, 5.0, 5.6);
  }
  expect_within(groups.at(1), "rank_gap", -0.35, 0.35);
  expect_within(groups.at(2), "rank_gap", -0.25, 0.25);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(result.at("claims").at(i).at("verdict"), "holds") << i;
}

// Figure 30 on synthetic data, at a width and with as many epochs as take seconds.
TEST(PaperSize, GaussianStartsEndAtLowerRankThanIdentityStarts) {
  const auto result = run_json(
      "completion/networks --preset paper --set scale=small --set data=mixture --set examples=800 --set width=96 "
      "--set batch=32 --set epochs=200");
  const auto& groups = result.at("groups");
  ASSERT_EQ(groups.size(), 6u);  // of two, three and five hidden layers: Gaussian, identity
  const double expected[] = {7.3, 5.5, 3.3, 21.5, 28.9, 39.1};
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_NEAR(statistic(groups.at(i), "stable_rank", "median"), expected[i], 0.15 * expected[i]) << i;
    EXPECT_GT(statistic(groups.at(i), "accuracy", "min"), 0.98) << i;
    EXPECT_GT(statistic(groups.at(i), "test_accuracy", "min"), 0.95) << i;
  }
  for (std::size_t i = 0; i < 4; ++i) {
    const auto& claim = result.at("claims").at(i);
    EXPECT_TRUE(claim.at("verdict").get<std::string>().starts_with("holds")) << claim;
  }
  for (std::size_t i = 4; i < 7; ++i)  // the other scale was not run
    EXPECT_EQ(result.at("claims").at(i).at("verdict"), "not tested") << i;
}

}  // namespace
}  // namespace sigmagrad::testing
