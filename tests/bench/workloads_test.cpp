// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/bench/problems.hpp>
#include <sigmagrad/bench/workloads.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/tests/bench/naive.hpp>
#include <sigmagrad/tests/bench/reference.hpp>

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

TEST(Limit, EnsembleFollowsItsEquations) {
  for (const int d : {1, 2, 5}) expect_limit_follows_the_equations<Ensemble>(d);
}

// The penalty by plain means: central differences of LAPACK's own singular values.
TEST(Limit, SpectralPenaltyFollowsItsEquations) {
  for (const int d : {2, 3, 16, 64}) {
    const SpectralPenalty problem(d);
    const auto penalty = [&](const std::vector<double>& w) {
      const auto s = linalg::svdvals(tensor(w, {d, d}));
      const double distance = std::log(s.data<double>().front() / s.data<double>().back()) - problem.centre;
      return problem.factor * distance * distance;
    };
    const auto step = limit(problem);
    (*step)();
    EXPECT_NEAR(step->loss(), penalty(problem.parameters), 1e-11);
    const auto gradient = step->parameters();
    const double h = 1e-6;
    for (std::size_t i = 0; i < gradient.size(); i += std::max<std::size_t>(1, gradient.size() / 50)) {
      auto above = problem.parameters, below = problem.parameters;
      above[i] += h;
      below[i] -= h;
      ASSERT_NEAR(gradient[i], (penalty(above) - penalty(below)) / (2 * h), 1e-6) << "entry " << i << " at d = " << d;
    }
  }
}

template <class Problem>
void expect_references_agree(int d) {
  const Problem problem(d);
  const auto first = trained([&] { return limit(problem); });
  const auto second = trained([&] { return reference::limit(problem); });
  expect_near(second->parameters(), first->parameters(), 1e-12);
  EXPECT_NEAR(second->loss(), first->loss(), 1e-12 * std::max(1.0, first->loss()));
}

TEST(Limit, SecondFormulationsComputeTheSame) {
  expect_references_agree<Completion>(10);
  expect_references_agree<Regression>(64);
  expect_references_agree<Ensemble>(10);
}

class EveryWorkload : public testing::TestWithParam<Workload> {};

TEST_P(EveryWorkload, IsTheSameTrainingInEveryWay) {
  const Workload& workload = GetParam();
  const auto eager = trained(workload.eager), captured = trained(workload.captured);
  EXPECT_EQ(captured->parameters(), eager->parameters());
  EXPECT_EQ(captured->loss(), eager->loss());
  if (!workload.limit) return;
  const auto limit = trained(workload.limit);
  expect_near(eager->parameters(), limit->parameters(), 1e-10);
  EXPECT_NEAR(eager->loss(), limit->loss(), 1e-10 * std::max(1.0, limit->loss()));
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
