// SPDX-License-Identifier: BSD-3-Clause
// Every number of golden/spectral.json for structures, depth, hyperparameters and long training, and the bands that any
// stream must meet.
#include <sigmagrad/tests/support/spectral_golden.hpp>

namespace sigmagrad::testing {
namespace {

TEST(PaperSize, DepthGivesThePrintedDigits) {
  const auto result = run_json("spectral/depth --preset paper --sweep depth=1,2,3 --stream numpy");
  ASSERT_EQ(result.at("groups").size(), 8u);
  for (const auto& group : result.at("groups"))
    if (group.at("params").at("sample") == "paper") expect_depth_golden(group);
  EXPECT_EQ(verdict_of(result, "error grows with depth"), "holds");
  EXPECT_EQ(verdict_of(result, "exponential"), "does not hold");
  EXPECT_EQ(verdict_of(result, "overall error grows moderately"), "holds");
  EXPECT_EQ(verdict_of(result, "escalates"), "holds");
  EXPECT_EQ(verdict_of(result, "single layers multiply"), "does not hold");
  EXPECT_EQ(verdict_of(result, "ReLU"), "undecided");
}

TEST(PaperSize, HyperparametersGiveThePrintedDigits) {
  const auto result = run_json("spectral/hyperparameters --preset paper --stream numpy");
  const auto group = [&](double lr, double decay) -> const nlohmann::json& {
    return group_of(result, {{"lr", lr}, {"weight_decay", decay}, {"noise", 0.01}, {"sample", "paper"}});
  };
  for (const double lr : {0.001, 0.005, 0.01, 0.02, 0.05})
    expect_spectral_golden(group(lr, 0.0), learning_rate_key(group(lr, 0.0)), 1e-6, 1e-6);
  for (const auto& [decay, key] : {std::pair{0.0, "0.0"}, {1e-4, "0.0001"}, {1e-3, "0.001"}, {1e-2, "0.01"}})
    expect_spectral_golden(group(0.01, decay), std::string("hyperparameters/weight_decay=") + key, 1e-6, 1e-6);
  EXPECT_EQ(verdict_of(result, "at every learning rate"), "does not hold");
  EXPECT_EQ(verdict_of(result, "ratio grows"), "holds in shape");
  EXPECT_EQ(verdict_of(result, "structural"), "does not hold");
  EXPECT_EQ(verdict_of(result, "Weight decay"), "undecided");
}

TEST(PaperSize, LongTrainingGivesThePrintedDigits) {
  const auto result = run_json("spectral/extended --preset paper --stream numpy");
  for (const auto& [noise, key] : {std::pair{0.01, "extended/noise=0.01"}, {0.0, "extended/noise=0.0"}})
    expect_spectral_golden(group_of(result, {{"noise", noise}, {"sample", "paper"}}), key, 1e-6, 1e-6);
  EXPECT_EQ(verdict_of(result, "near zero"), "holds");
  EXPECT_EQ(verdict_of(result, "far larger"), "holds");
  EXPECT_EQ(verdict_of(result, "plateaus"), "does not hold");
  EXPECT_EQ(verdict_of(result, "widens"), "holds");
  EXPECT_EQ(verdict_of(result, "slowly"), "does not hold");
}

TEST(PaperSize, StructuresGiveThePrintedDigits) {
  const auto result = run_json("spectral/structures --preset paper --stream numpy");
  int compared = 0;
  for (const auto& group : result.at("groups")) {
    const auto& p = group.at("params");
    if (p.at("d") != 64 || p.at("block") != 16 || p.at("entries") != "unit" || p.at("sample") != "paper") continue;
    expect_structure_golden(group);
    ++compared;
  }
  EXPECT_EQ(compared, 6);
  EXPECT_EQ(verdict_of(result, "low-rank targets least"), "holds");
  EXPECT_EQ(verdict_of(result, "block-diagonal targets most"), "holds in shape");
  for (const char* claim : {"less than the norms", "condition number error is larger"})
    EXPECT_EQ(verdict_of(result, claim), "undecided") << claim;
  for (const char* claim :
       {"spectral gap error is larger", "limited impact", "hardest for the condition number", "hardest for the norms"})
    EXPECT_EQ(verdict_of(result, claim), "does not hold") << claim;
}

// What any stream of numbers must meet, with the paper's trials.

TEST(PaperSize, DepthStaysWithinTheBandsOnAnotherStream) {
  const auto result =
      run_json("spectral/depth --preset paper --sweep depth=1,2,3 --set sample=paper --set long_steps=300");
  const auto expect_cond = [&](const nlohmann::json& parameters, double low, double high) {
    const double median = value_of(result, parameters, "cond_error");
    EXPECT_TRUE(low < median && median < high) << parameters << ": " << median;
  };
  const auto linear = [](int depth) { return nlohmann::json{{"activation", "linear"}, {"depth", depth}}; };
  expect_cond(linear(1), 0.01, 0.25);
  expect_cond(linear(2), 4, 1600);
  expect_cond(linear(3), 60, 2.5e4);
  expect_cond({{"activation", "relu"}}, 0.4, 20);
  EXPECT_NEAR(value_of(result, linear(1), "overall_error", "mean"), 0.05, 0.001);
  EXPECT_NEAR(value_of(result, linear(2), "overall_error", "mean"), 0.22, 0.02);
  EXPECT_NEAR(value_of(result, linear(3), "overall_error", "mean"), 0.26, 0.02);
}

TEST(PaperSize, LongTrainingStaysWithinTheBandsOnAnotherStream) {
  const auto result = run_json("spectral/extended --preset paper --set noise=0.01 --set sample=paper");
  const double cond = value_of(result, {}, "cond_error");
  EXPECT_TRUE(0.0015 < cond && cond < 0.05) << cond;
  EXPECT_NEAR(value_of(result, {}, "row_norm_error", "mean"), 6.6e-5, 1e-5);
}

TEST(PaperSize, HyperparametersAndStructuresStayWithinTheBandsOnAnotherStream) {
  const auto rates = run_json("spectral/hyperparameters --preset paper --set lr=0.01 --set sample=paper");
  EXPECT_NEAR(value_of(rates, {{"weight_decay", 0.0}, {"noise", 0.01}}, "row_norm_error", "mean"), 0.134, 0.003);
  const auto structures =
      run_json("spectral/structures --preset paper --set d=64 --set structure=heterogeneous --set sample=paper");
  EXPECT_NEAR(value_of(structures, {{"correction", "sgd"}}, "row_norm_error", "mean"), 0.134, 0.003);
  EXPECT_NEAR(value_of(structures, {{"correction", "multipliers"}}, "row_norm_error", "mean"), 0.044, 0.006);
  const double cond = value_of(structures, {{"correction", "sgd"}}, "cond_error");
  EXPECT_TRUE(0.04 < cond && cond < 0.55) << cond;
}

}  // namespace
}  // namespace sigmagrad::testing
