// SPDX-License-Identifier: BSD-3-Clause
// What the thesis leaves to others: more layers, other optimisers and inputs, nonlinear units, wide networks, new
// items.
#include <algorithm>
#include <cmath>

#include <sigmagrad/experiments/balanced/deep_network.hpp>
#include <sigmagrad/experiments/balanced/kept.hpp>
#include <sigmagrad/experiments/balanced/random_weights.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/runs.hpp>

namespace sigmagrad::testing {
namespace {

using namespace experiments::balanced;

// exp(-t) I on its way to 0, seen at whole times.
TEST(Deep, AnApproachHasItsHalfTimeAndItsRate) {
  std::vector<double> times;
  std::vector<Tensor> seen;
  for (int i = 0; i <= 60; ++i) {
    times.push_back(i);
    seen.push_back(std::exp(-0.5 * i) * eye(2));
  }
  const auto [half_time, late_rate] = approach(times, seen);
  EXPECT_NEAR(half_time, std::log(2.0) / 0.5, 1e-9);
  EXPECT_NEAR(late_rate, 0.5, 1e-9);
}

TEST(Deep, LayersBeyondTwo) {
  const auto result =
      run_json("balanced/deep --trials 3 --sweep depth=3,4 --sweep lambda_1=0,100 --sweep lambda_2=0,100");
  for (const auto& group : result.at("groups")) {
    if (group.at("params").at("study") == "aligned") {
      EXPECT_LT(metric(group, "mode_deviation"), 1e-5) << group.at("params");
    } else {
      EXPECT_LT(metric(group, "drift"), 1e-5) << group.at("params");
    }
  }
  EXPECT_EQ(verdict_of(result, "follow one scalar equation"), "holds");
}

TEST(Kept, TheFlowStaysOnItsPathAndAnotherOneIsSeen) {
  Trial trial;
  Generator generator(3);
  const Start start{random_task(3, 3, 8, generator), theory::lambda_balanced(1.0, {3, 3, 3}, {}, generator)};
  Kept kept(trial, start, 1.0);
  const auto later = theory::BalancedDynamics(start.weights.W1, start.weights.W2, start.task.Sigma).weights({0.3});
  kept.look(0.3, later.W1.select(0, 0), later.W2.select(0, 0));
  Trial other_trial;
  Kept moved(other_trial, start, 1.0);
  moved.look(0.3, later.W1.select(0, 0), 1.1 * later.W2.select(0, 0));
  kept.record();
  moved.record();
  const auto value = [](const Trial& t, const Quantity& quantity) {
    return std::ranges::find(t.metrics().items(), quantity.name, &lab::Metrics::Item::first)->second;
  };
  for (const auto& quantity : {drift, from_path, strengths}) {
    EXPECT_LT(value(trial, quantity), 1e-9) << quantity.name;
    EXPECT_GT(value(other_trial, quantity), 1e-3) << quantity.name;
  }
}

TEST(Conservation, TheFlowKeepsLambdaAndAdamDoesNot) {
  const auto result = run_json("balanced/conservation --trials 3 --sweep lambda=1,10 --sweep condition=1,3");
  EXPECT_EQ(verdict_of(result, "balanced condition persists"), "holds");
  EXPECT_EQ(verdict_of(result, "order of its step"), "holds");
  const auto adam = group_of(result, {{"method", "adam"}, {"lambda", 1.0}});
  EXPECT_GT(metric(adam, "drift"), 0.05);
}

TEST(Existence, BottlenecksHaveBalancedWeights) {
  const auto result = run_json("balanced/existence --trials 3");
  EXPECT_EQ(verdict_of(result, "if and only if"), "holds");
  EXPECT_EQ(verdict_of(result, "needs min"), "holds in shape");
  EXPECT_EQ(verdict_of(result, "n_o > n_i implies"), "does not hold");
}

TEST(Stability, ThePlainFormLosesItsDigits) {
  const auto result = run_json("balanced/stability");
  EXPECT_EQ(verdict_of(result, "is numerically stable"), "holds");
  EXPECT_EQ(verdict_of(result, "plain solution is not"), "holds in shape");  // at lambda = 10 it keeps them
  EXPECT_GT(value_of(result, {{"lambda", 0.1}}, "plain_error"), 1e-4);
  EXPECT_LT(value_of(result, {{"lambda", 10.0}}, "plain_error"), 1e-9);
}

TEST(Shallow, IsItsExponentialWithAConstantKernel) {
  const auto result = run_json("balanced/shallow --trials 4 --sweep lambda=0,10,100,1000");
  EXPECT_EQ(verdict_of(result, "A shallow network is W(t)"), "holds");
  EXPECT_EQ(verdict_of(result, "W'W = V S V'"), "holds in shape");
  EXPECT_EQ(verdict_of(result, "kernel changes"), "does not hold");
  EXPECT_EQ(verdict_of(result, "converges to V S"), "holds");
}

// A mean of 1 of 4 trials, each the mean of 25 entries of variance 4: its standard error is 0.2.
TEST(WidthLimits, MeansAreJudgedInStandardErrors) {
  const theory::BalanceStatistics exact{.mean = 0.5, .diagonal_variance = 4, .off_diagonal_variance = 2, .n_h = 25};
  EXPECT_NEAR(standard_errors({0, 1, 1, 2}, 0.5, exact), 2.5, 1e-12);
  EXPECT_NEAR(standard_errors({0, 1, 1, 2}, 1.0, exact), 0.0, 1e-12);
}

TEST(WidthLimits, AreThoseOfTheFormulaAndNotGlorotsInPrint) {
  const auto result = run_json("balanced/width_limits --trials 5");
  EXPECT_EQ(verdict_of(result, "Limits of LeCun"), "holds");
  EXPECT_EQ(verdict_of(result, "Limits of Glorot"), "does not hold");
  EXPECT_EQ(verdict_of(result, "Limits of \u03bb of scaled"), "holds");
  EXPECT_EQ(verdict_of(result, "cannot be negative"), "holds in shape");
}

TEST(Width, KernelsOfWideNetworksChangeLess) {
  const auto result = run_json("balanced/width --trials 4 --sweep width=16,64,256 --set activation=linear");
  EXPECT_LT(metric(result.at("groups").at(2), "kernel_change"), metric(result.at("groups").at(0), "kernel_change") / 2);
  EXPECT_LT(metric(result.at("groups").at(0), "loss_left"), 1.0);
}

TEST(ManyTasks, TanhLosesLambdaAndReluKeepsIt) {
  const auto result = run_json("balanced/many_tasks --trials 3 --set lambda=10 --set tasks=4 --set time=1");
  EXPECT_LT(metric(group_of(result, {{"activation", "tanh"}}), "lambda@4"), 8.0);
  EXPECT_NEAR(metric(group_of(result, {{"activation", "relu"}}), "lambda@4"), 10.0, 0.5);
}

TEST(Relu, IsNotTheLinearSolution) {
  const auto result = run_json("balanced/relu --trials 3 --sweep lambda=1,10,100");
  EXPECT_LT(value_of(result, {{"activation", "linear"}, {"lambda", 10.0}}, "error"), 0.02);
  EXPECT_GT(value_of(result, {{"activation", "relu"}, {"lambda", 100.0}}, "error"), 0.1);
}

TEST(Hierarchy, IsLearnedFromBroadToFine) {
  const auto result = run_json("balanced/hierarchy --trials 2");
  EXPECT_EQ(verdict_of(result, "Linear networks differentiate"), "holds");
  EXPECT_EQ(verdict_of(result, "Two fish are most alike"), "holds");
}

TEST(Generalization, TheRichNetworkExtendsBoth) {
  const auto result = run_json("balanced/generalization --trials 4");
  EXPECT_NEAR(value_of(result, {{"lambda", -100.0}}, "new_item"), 1.0, 0.05);
  EXPECT_NEAR(value_of(result, {{"lambda", 100.0}}, "new_item"), 0.0, 0.05);
  EXPECT_NEAR(value_of(result, {{"lambda", -100.0}}, "new_property"), 0.0, 0.05);
  EXPECT_EQ(verdict_of(result, "generalise in ways"), "holds in shape");
}

}  // namespace
}  // namespace sigmagrad::testing
