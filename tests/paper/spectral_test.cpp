// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/support/golden_runs.hpp>

namespace sigmagrad::testing {
namespace {

TEST(PaperSize, DepthGivesThePrintedDigits) {
  const auto result = run_json("spectral/depth --preset paper --stream numpy");
  ASSERT_EQ(result.at("groups").size(), 4u);
  for (const auto& group : result.at("groups")) expect_spectral_golden(group, depth_key(group), 1e-6, 1e-3);
}

// The bands that any stream of numbers must meet, with 10 trials.
TEST(PaperSize, AnotherStreamStaysWithinTheBands) {
  const double bands[4][2] = {{0.01, 0.25}, {4, 1600}, {60, 2.5e4}, {0.4, 20}};
  const auto depth = run_json("spectral/depth --preset paper --set long_steps=300");
  for (std::size_t i = 0; i < 4; ++i) {
    const double median = depth.at("groups").at(i).at("metrics").at("cond_error").at("median");
    EXPECT_GT(median, bands[i][0]) << i;
    EXPECT_LT(median, bands[i][1]) << i;
  }
}

}  // namespace
}  // namespace sigmagrad::testing
