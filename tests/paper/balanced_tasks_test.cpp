// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/support/runs.hpp>

namespace sigmagrad::testing {
namespace {

TEST(PaperSize, SemanticTask) {
  const auto result = run_json("balanced/semantic --preset paper");
  const auto steps = [&](double lambda) {
    return metric(group_of(result, {{"init", "balanced"}, {"task", "signed"}, {"lambda", lambda}}), "steps_to_stop");
  };
  EXPECT_NEAR(steps(10.0), 430.0, 70.0);
  EXPECT_NEAR(steps(100.0), 47.0, 15.0);
  EXPECT_GT(steps(0.0), 2000.0);
  const auto large = group_of(result, {{"init", "gaussian_large"}});
  EXPECT_LT(metric(large, "input_score"), 0.97);
  const auto weak = group_of(result, {{"init", "balanced"}, {"task", "signed"}, {"lambda", 100.0}});
  EXPECT_NEAR(metric(weak, "input_norm"), 0.13, 0.02);
  EXPECT_NEAR(metric(weak, "output_norm"), 283.0, 3.0);
  EXPECT_EQ(verdict_of(result, "fall exponentially"), "holds in shape");
  EXPECT_EQ(verdict_of(result, "rate |\u03bb|/2"), "holds in shape");
  EXPECT_EQ(verdict_of(result, "Both scores peak"), "holds");
}

TEST(PaperSize, RandomWeights) {
  const auto result = run_json("balanced/initialization --preset paper");
  EXPECT_EQ(verdict_of(result, "The mean of"), "holds");
  EXPECT_EQ(verdict_of(result, "4v on the diagonal"), "does not hold");
  EXPECT_EQ(verdict_of(result, "Wide random networks"), "holds in shape");
  EXPECT_EQ(verdict_of(result, "A larger r raises"), "holds in shape");
}

TEST(PaperSize, OneTaskAfterAnother) {
  const auto result = run_json("balanced/continual --preset paper");
  const auto coarse = group_of(result, {{"lambda", 5.0}, {"lr", 0.01}}),
             fine = group_of(result, {{"lambda", 5.0}, {"lr", 0.001}});
  EXPECT_NEAR(metric(coarse, "rate_deviation"), 0.138, 0.05);
  EXPECT_NEAR(metric(fine, "rate_deviation"), 0.015, 0.006);
  EXPECT_LT(metric(group_of(result, {{"lambda", 1.0}, {"lr", 0.01}}), "product_deviation"), 0.05);
  EXPECT_EQ(verdict_of(result, "Equation 4.36"), "does not hold");
}

TEST(PaperSize, NonlinearLayers) {
  const auto result = run_json("balanced/nonlinear --preset paper --set lr=0.001");
  const auto of = [&](const char* activation, double lambda) {
    return group_of(result, {{"activation", activation}, {"lambda", lambda}});
  };
  EXPECT_NEAR(metric(of("relu", 10.0), "distance", "mean"), 10.2, 1.0);
  EXPECT_NEAR(metric(of("relu", 0.1), "distance", "mean"), 7.0, 0.8);
  EXPECT_NEAR(metric(of("relu", -10.0), "distance", "mean"), 8.1, 0.9);
  EXPECT_NEAR(metric(of("tanh", 10.0), "lambda", "mean"), 4.17, 0.5);
  EXPECT_NEAR(metric(of("tanh", 0.1), "lambda", "mean"), -4.43, 0.5);
  EXPECT_NEAR(metric(of("tanh", -10.0), "lambda", "mean"), -13.1, 0.6);
  EXPECT_EQ(verdict_of(result, "is preserved by training"), "holds");
  EXPECT_EQ(verdict_of(result, "the distance is negligible"), "does not hold");
}

}  // namespace
}  // namespace sigmagrad::testing
