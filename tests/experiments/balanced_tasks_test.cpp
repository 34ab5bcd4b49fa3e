// SPDX-License-Identifier: BSD-3-Clause
// Random weights, the semantic task, continual learning and nonlinear layers.
#include <cmath>

#include <sigmagrad/experiments/balanced/convergence_law.hpp>
#include <sigmagrad/experiments/balanced/semantic_task.hpp>
#include <sigmagrad/io/npy.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/runs.hpp>

namespace sigmagrad::testing {
namespace {

using namespace experiments::balanced;

TEST(SemanticTask, IsTheReferences) {
  const std::string folder = SIGMAGRAD_TEST_DATA;
  EXPECT_TRUE(same(signed_hierarchy(), load_npy(folder + "/semantic_H8.npy")));
  EXPECT_TRUE(same(binary_hierarchy(), load_npy(folder + "/semantic_T15.npy")));
  for (const auto& properties : {signed_hierarchy(), binary_hierarchy()}) {
    const auto task = semantic_task(properties);
    EXPECT_TRUE(close(task.Sigma, properties, 1e-14));
    EXPECT_NEAR(task.irreducible_loss().item(), 0.0, 1e-12);
  }
}

TEST(ConvergenceLaws, FindTheConstantsOfWhatFollowsThem) {
  const std::vector<double> sizes{6, 8, 10, 14, 20};
  std::vector<double> exponential, law;
  for (const double size : sizes) {
    exponential.push_back(900.0 * std::exp(-0.1 * size));
    law.push_back(3000.0 / std::hypot(size, 2.8));
  }
  const ConvergenceLaws of_exponential(sizes, exponential, 1.4), of_law(sizes, law, 1.4);
  EXPECT_NEAR(of_exponential.exponent(), -0.1, 1e-12);
  EXPECT_NEAR(of_exponential.exponential(-7), 900.0 * std::exp(-0.7), 1e-9);
  EXPECT_NEAR(of_exponential.exponential_r2(), 1.0, 1e-12);
  EXPECT_NEAR(of_law.law_r2(), 1.0, 1e-12);
  EXPECT_NEAR(of_law.law(7), 3000.0 / std::hypot(7, 2.8), 1e-9);
  EXPECT_LT(of_law.exponential_r2(), 0.99);
}

TEST(Semantic, LambdaDecidesRepresentationAndSpeed) {
  const auto result = run_json("balanced/semantic --trials 2 --sweep lambda=-10,0,10 --set steps=6000");
  const auto zero = group_of(result, {{"init", "balanced"}, {"task", "signed"}, {"lambda", 0.0}});
  const auto plus = group_of(result, {{"init", "balanced"}, {"task", "signed"}, {"lambda", 10.0}});
  const auto minus = group_of(result, {{"init", "balanced"}, {"task", "signed"}, {"lambda", -10.0}});
  EXPECT_GT(metric(zero, "input_score"), 0.999);
  EXPECT_GT(metric(plus, "output_identity"), 0.999);
  EXPECT_GT(metric(minus, "input_identity"), 0.999);
  EXPECT_NEAR(metric(plus, "steps_to_stop"), metric(minus, "steps_to_stop"), 2.0);  // from one product
  EXPECT_GT(metric(zero, "steps_to_stop"), 4.0 * metric(plus, "steps_to_stop"));
  EXPECT_NEAR(metric(plus, "decay_rate"), 2.0 * std::hypot(10.0, 2.0 * std::sqrt(2.0)), 1.5);
  EXPECT_EQ(verdict_of(result, "task-specific, large"), "holds");
}

TEST(Semantic, TakesTheBinaryTask) {
  const auto result = run_json(
      "balanced/semantic --trials 1 --set task=binary --set init=balanced --sweep lambda=-10,10 --set steps=2000");
  for (const auto& group : result.at("groups")) EXPECT_GT(metric(group, "steps_to_stop"), 0.0);
}

TEST(Initialization, VariancesAreTwiceAndOnceV) {
  const auto result = run_json("balanced/initialization --set n_i=40 --set k=5 --set r=2 --trials 20");
  ASSERT_EQ(result.at("groups").size(), 4u);
  const double lambda[] = {-0.6, 0.2381, -1.2, 0.6};
  const double v[] = {2.0 / (25 * 40) + 1.0 / 40, 0, 4 * (2.0 / (25 * 40) + 1.0 / 40), 0};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto& group = result.at("groups").at(i);
    EXPECT_NEAR(metric(group, "lambda", "mean"), lambda[i], 0.03) << i;
    EXPECT_GT(metric(group, "relative_distance"), 3.0) << i;
    if (v[i] == 0) continue;
    EXPECT_NEAR(metric(group, "diagonal_variance", "mean") / v[i], 2.0, 0.15) << i;
    EXPECT_NEAR(metric(group, "off_diagonal_variance", "mean") / v[i], 1.0, 0.05) << i;
  }
  EXPECT_EQ(verdict_of(result, "4v on the diagonal"), "does not hold");
}

TEST(Continual, ExactSolutionsGoOnFromTaskToTask) {
  const auto result =
      run_json("balanced/continual --set tasks=2 --set steps=600 --sweep lr=0.01,0.001 --trials 2 --set lambda=1");
  const auto &coarse = result.at("groups").at(0), &fine = result.at("groups").at(1);
  EXPECT_LT(metric(coarse, "product_deviation"), 0.06);
  for (const char* name : {"product_deviation", "loss_deviation", "rate_deviation", "balance_drift"})
    EXPECT_NEAR(metric(coarse, name) / metric(fine, name), 10.0, 2.5)
        << name;  // all that is left is of the step's order
  EXPECT_GT(metric(coarse, "printed_rate_deviation"), 1e-3);
  EXPECT_LT(metric(coarse, "stopped_loss_ratio_2"), 1.0);
}

TEST(Nonlinear, OnlyUnitsLinearOnEitherSideOfZeroKeepTheirBalance) {
  const auto result = run_json("balanced/nonlinear --set lambda=10 --set steps=500 --trials 3");
  for (const char* kept : {"linear", "relu", "leaky_relu", "mixed"})
    EXPECT_LT(metric(group_of(result, {{"activation", kept}}), "diagonal_change"), 0.1) << kept;
  EXPECT_GT(metric(group_of(result, {{"activation", "tanh"}}), "diagonal_change"), 2.0);
  EXPECT_LT(metric(group_of(result, {{"activation", "linear"}}), "off_diagonal_change"), 0.1);
  EXPECT_GT(metric(group_of(result, {{"activation", "relu"}}), "off_diagonal_change"), 0.5);
}

}  // namespace
}  // namespace sigmagrad::testing
