// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/support/runs.hpp>

namespace sigmagrad::testing {
namespace {

TEST(PaperSize, LimitsOfCompletionAreTheirTheorems) {
  const auto run = run_json("completion/theory --preset paper");
  EXPECT_EQ(run.at("groups").size(), 720u);
  for (const auto& group : run.at("groups")) {
    const auto& metrics = group.at("metrics");
    EXPECT_LT(metrics.at("sigma_1_error").at("mean"), 1e-6) << group.at("params");
    const double digits_of_m = group.at("params").at("m") == 1e12 ? 1e-7 : 2e-8;
    EXPECT_LT(metrics.at("lemma_error").at("mean"), digits_of_m) << group.at("params");
    if (metrics.at("sigma_rest").at("mean") < 1e-9) continue;
    EXPECT_LT(metrics.at("sigma_rest_error").at("mean"), 1e-5) << group.at("params");
  }
  expect_claims_hold(run, {"m = 1e10"});
}

// Steps at lr 0.05 for m = 2 and m = 100, of the reference runs and, at 1e-10 from depth 4 on, extrapolated from them;
// those looked at the loss every so many steps.
TEST(PaperSize, DescentTakesTheReferencesSteps) {
  const auto run = run_json("completion/descent --preset paper");
  const struct {
    int depth;
    double scale, least, most;
  } expected[] = {{3, 1e-7, 2250, 4400},  {3, 1e-10, 21650, 43200}, {4, 1e-5, 850, 3250},    {4, 1e-7, 7950, 31700},
                  {4, 1e-10, 250e3, 1e6}, {5, 1e-5, 900, 6750},     {5, 1e-10, 834e3, 6.3e6}};
  for (const auto& e : expected)
    for (const auto& [m, steps] : {std::pair{2.0, e.least}, {100.0, e.most}})
      EXPECT_NEAR(
          value_of(run, {{"lr", 0.05}, {"depth", e.depth}, {"scale", e.scale}, {"m", m}}, "steps_to_stop", "mean"),
          steps, 0.08 * steps)
          << e.depth << ' ' << e.scale << ' ' << m;
  for (const auto& group : run.at("groups")) {
    if (group.at("params").at("lr") != 0.0) continue;
    EXPECT_LT(group.at("metrics").at("steps_to_stop").at("mean"), 300);
  }
  EXPECT_NEAR(value_of(run, {{"lr", 0.05}, {"depth", 4}, {"scale", 1e-3}, {"m", 100.0}}, "sigma_1_error", "mean"),
              7.1e-3, 7e-4);
  EXPECT_NEAR(value_of(run, {{"lr", 0.01}, {"depth", 4}, {"scale", 1e-3}, {"m", 100.0}}, "sigma_1_error", "mean"),
              1.4e-3, 2e-4);
  expect_claims_hold(run, {"The smallest scale"});
}

TEST(PaperSize, TheoremsOfCompletionHold) {
  const auto run = run_json("completion/theorems --preset paper");
  for (const auto& group : run.at("groups")) EXPECT_EQ(group.at("failed"), 0);
  expect_claims_hold(run);
}

// Smaller starts help cold starts and leave warm ones where they are.
TEST(PaperSize, WarmStartsKeepTheirRankFromSmallerStartsToo) {
  const auto run = run_json("completion/warmstart --preset paper");
  const auto at = [](double w12, double scale) {
    return nlohmann::json{{"w12", w12}, {"w22", 1.0}, {"m", "inf"}, {"scale", scale}};
  };
  EXPECT_NEAR(value_of(run, at(0.5, 1e-10), "cold_w21", "mean"), 1.9728, 1e-3);
  EXPECT_NEAR(value_of(run, at(0.1, 1e-10), "cold_w21", "mean"), 0.781, 1e-3);
  EXPECT_NEAR(value_of(run, at(0.5, 1e-10), "warm_stable_rank", "mean"), 1.3764, 1e-3);
  const std::pair<double, double> ranks[] = {{0.05, 1.9049}, {0.1, 1.8189},  {0.2, 1.6713},
                                             {0.5, 1.3764},  {1.0, 1.1599},  {2.0, 1.0473},
                                             {5.0, 1.0082},  {10.0, 1.0022}, {20.0, 1.0006}};
  for (const auto& [w12, rank] : ranks)
    EXPECT_NEAR(value_of(run, at(w12, 1e-6), "warm_stable_rank", "mean"), rank, 1e-3) << w12;
}

}  // namespace
}  // namespace sigmagrad::testing
