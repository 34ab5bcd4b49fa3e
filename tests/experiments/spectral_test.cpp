// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/support/golden_runs.hpp>

namespace sigmagrad::testing {
namespace {

TEST(Spectral, DepthOnTheReferencesStream) {
  const auto result = run_json("spectral/depth --trials 10 --set long_steps=300 --stream numpy");
  ASSERT_EQ(result.at("groups").size(), 4u);
  for (const auto& group : result.at("groups")) expect_spectral_golden(group, depth_key(group), 1e-6, 1e-3);
  const auto& linear2 = result.at("groups").at(1);
  EXPECT_NEAR(linear2.at("metrics").at("product_cond").at("mean"), 242570.72837651108, 1e-3 * 242570);
}

}  // namespace
}  // namespace sigmagrad::testing
