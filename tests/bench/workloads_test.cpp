// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <algorithm>
#include <sigmagrad/autograd/error.hpp>
#include <sigmagrad/bench/problems.hpp>
#include <sigmagrad/bench/workloads.hpp>
#include <sigmagrad/tests/bench/naive.hpp>

namespace sigmagrad::bench {
namespace {

constexpr int steps = 20;

std::unique_ptr<Step> trained(const StepFactory& make) {
  auto step = make();
  for (int i = 0; i < steps; ++i) (*step)();
  return step;
}

void expect_near(const std::vector<double>& actual, const std::vector<double>& expected, double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) ASSERT_NEAR(actual[i], expected[i], tolerance) << "parameter " << i;
}

template <class Problem>
void expect_limit_follows_the_equations(int d) {
  const Problem problem(d);
  const auto step = trained([&] { return limit(problem); });
  const auto expected = naive::train(problem, steps);
  expect_near(step->parameters(), expected.parameters, 1e-12);
  EXPECT_NEAR(step->loss(), expected.loss, 1e-12 * std::max(1.0, expected.loss));
  EXPECT_NE(expected.parameters, problem.parameters);
}

TEST(Limit, CompletionFollowsItsEquations) {
  for (const int d : {1, 2, 5, 10, 33}) expect_limit_follows_the_equations<Completion>(d);
}

TEST(Limit, RegressionFollowsItsEquations) {
  for (const int d : {1, 32, 70}) expect_limit_follows_the_equations<Regression>(d);
}

TEST(Limit, Relu2FollowsItsEquations) {
  for (const int d : {3, 64}) expect_limit_follows_the_equations<Relu2>(d);
}

class EveryWorkload : public testing::TestWithParam<Workload> {};

TEST_P(EveryWorkload, IsTheSameTrainingInEveryWay) {
  const Workload& workload = GetParam();
  if (!workload.limit) GTEST_SKIP() << "no hand-written loop";
  const auto limit = trained(workload.limit);
  for (const StepFactory* other : {&workload.eager, &workload.captured}) {
    if (!*other) continue;
    const auto step = trained(*other);
    expect_near(step->parameters(), limit->parameters(), 1e-10);
    EXPECT_NEAR(step->loss(), limit->loss(), 1e-10 * std::max(1.0, limit->loss()));
  }
}

INSTANTIATE_TEST_SUITE_P(Bench, EveryWorkload, testing::ValuesIn(workloads()),
                         [](const auto& parameter) { return parameter.param.name; });

TEST(RunWorkloads, MeasuresWhatTheFilterNames) {
  const auto results = run_workloads({.filter = "completion_d2", .seconds = 0});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].name, "completion_d2_L3");
  EXPECT_GT(results[0].limit_us.value(), 0);
  EXPECT_GT(results[0].eager_us.value(), 0);
  EXPECT_GT(results[0].eager_ratio.value(), 0);
}

TEST(RunWorkloads, RefusesAFilterThatNamesNothing) { EXPECT_THROW(run_workloads({.filter = "completion_d3"}), Error); }

TEST(Measure, LeavesOutTheRatioWhereThereIsNoLimit) {
  const auto result = measure({.name = "alone", .limit = {}, .eager = workloads().front().limit, .captured = {}}, 0);
  EXPECT_TRUE(result.eager_us.has_value());
  EXPECT_FALSE(result.limit_us.has_value());
  EXPECT_FALSE(result.eager_ratio.has_value());
}

}  // namespace
}  // namespace sigmagrad::bench
