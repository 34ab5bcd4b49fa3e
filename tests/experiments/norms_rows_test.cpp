// SPDX-License-Identifier: BSD-3-Clause
// The table of inequalities would find a false one, and ascent the least constant.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include <sigmagrad/experiments/norms/perturbation_rows.hpp>
#include <sigmagrad/experiments/norms/quadratics.hpp>

namespace sigmagrad::experiments::norms {
namespace {

Inequality frobenius_below_spectral(double constant) {
  return {.name = "F/2",
          .left = [](const Case& c) { return linalg::norm(c.A); },
          .right = [](const Case& c) { return linalg::norm(c.A, 2); },
          .constant = [=](double, double) { return constant; },
          .shapes = {{4, 3}}};
}

double recorded(const Trial& t, const Quantity& quantity) {
  const auto& items = t.metrics().items();
  return std::ranges::find(items, quantity.name, [](const auto& item) { return item.first; })->second;
}

Trial checked(const Inequality& row) {
  Trial t;
  check(t, row);
  return t;
}

TEST(NormRows, AFalseInequalityIsViolated) {
  const auto t = checked(frobenius_below_spectral(1.5));
  EXPECT_GT(recorded(t, violations), 1.0);
  EXPECT_GT(recorded(t, sampled), 1.1);
}

TEST(NormRows, AscentFindsTheLeastConstant) {
  const auto t = checked(frobenius_below_spectral(std::sqrt(3.0)));
  EXPECT_EQ(recorded(t, violations), 0.0);
  EXPECT_NEAR(recorded(t, constant_found), std::sqrt(3.0), 1e-3);
  EXPECT_NEAR(recorded(t, found), 1.0, 1e-3);
}

TEST(NormRows, AFalseEqualityDeviates) {
  auto row = frobenius_below_spectral(1.0);
  row.equality = true;
  EXPECT_GT(recorded(checked(row), deviation), 0.5);
}

TEST(NormRows, CasesBeyondRoundingAreLeftOut) {
  auto row = frobenius_below_spectral(1.5);
  row.beyond = 0.0;
  row.sought = false;
  EXPECT_EQ(recorded(checked(row), matrices), 0.0);
}

TEST(RandomMatrices, HaveEveryKind) {
  Generator generator(3);
  const auto A = random_matrices(360, 5, 4, generator);
  EXPECT_EQ(A.shape(), Shape({360, 5, 4}));
  EXPECT_GT(min(linalg::norm(A, linalg::Max)).item(), 0.0);
  const auto cond = linalg::cond(A).to_vector();
  const auto between = [&](double low, double high) {
    return std::ranges::count_if(cond, [=](double value) { return low <= value && value < high; });
  };
  EXPECT_GT(between(1.0, 1.0 + 1e-9), 10);
  EXPECT_GT(between(1e8, 1e13), 10);
  EXPECT_GT(between(1e15, INFINITY) + std::ranges::count(cond, INFINITY), 60);  // rank one and other lower ranks
  EXPECT_LT(max(linalg::ranks_above(random_matrices(100, 5, 4, generator, true), 1e-13)).item(), 4.0);
}

TEST(EigenvalueShift, IsTheDistanceToTheNearestEigenvalue) {
  const auto turn = tensor({{0, -1}, {1, 0}});  // eigenvalues i and -i
  EXPECT_NEAR(eigenvalue_shift(turn.unsqueeze(0), 0.25 * eye(2).unsqueeze(0)).item(), 0.25, 1e-12);
  EXPECT_NEAR(eigenvalue_shift(turn.unsqueeze(0), turn.unsqueeze(0)).item(), 1.0, 1e-12);
  const auto A = diag(tensor(std::vector<double>{3, 1, 0})).unsqueeze(0);
  EXPECT_NEAR(eigenvalue_shift(A, diag(tensor(std::vector<double>{-0.5, 0.1, 0})).unsqueeze(0)).item(), 0.5, 1e-12);
}

TEST(Quadratics, GradientDescentTakesTheStepsOfItsRate) {
  Generator generator(5);
  const auto problem = random_quadratic(2, 100.0, true, generator);  // both eigenvalues are at the rate
  const auto run = gradient_descent(problem);
  EXPECT_EQ(run.steps, std::ceil(std::log(target) / std::log(99.0 / 101.0)));
  EXPECT_NEAR(run.rate, 99.0 / 101.0, 1e-9);
  EXPECT_NEAR(run.bound_part, 1.0, 1e-9);
}

}  // namespace
}  // namespace sigmagrad::experiments::norms
