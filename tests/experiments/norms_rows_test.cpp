// SPDX-License-Identifier: BSD-3-Clause
// The table of inequalities would find a false one, and ascent the least constant.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include <sigmagrad/experiments/norms/lipschitz.hpp>
#include <sigmagrad/experiments/norms/perturbation_rows.hpp>
#include <sigmagrad/experiments/norms/quadratics.hpp>
#include <sigmagrad/lab/model/judging.hpp>

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

// A row of random matrices alone, with this norm on its left side.
Inequality sampled_row(Side left) {
  auto row = frobenius_below_spectral(2.0);
  row.left = std::move(left);
  row.sought = false;
  row.claim = row.name;
  return row;
}

Verdict verdict_of(const Inequality& row) {
  Group group(Params({{"norm", row.name}}));
  for (std::int64_t k = 0; k < 2; ++k) group.add(k, checked(row).metrics());
  return judge(Results({group}), {claim_of(row, {})}).front().verdict;
}

TEST(NormRows, CasesBeyondRoundingAreLeftOutAndNoneLeftProvesNothing) {
  auto row = sampled_row([](const Case& c) { return linalg::norm(c.A); });
  EXPECT_EQ(verdict_of(row), Verdict::Holds);
  row.beyond = 0.0;
  const auto t = checked(row);
  EXPECT_EQ(recorded(t, matrices), 0.0);
  EXPECT_EQ(recorded(t, left_out), 36.0);
  EXPECT_EQ(verdict_of(row), Verdict::DoesNotHold);
}

TEST(NormRows, AClaimWantsEveryMatrix) {
  const auto row = sampled_row([](const Case& c) { return linalg::norm(c.A).narrow(0, 0, 30); });
  auto shorter = row;
  shorter.right = [](const Case& c) { return linalg::norm(c.A, 2).narrow(0, 0, 30); };
  EXPECT_EQ(recorded(checked(shorter), violations), 0.0);
  EXPECT_EQ(verdict_of(shorter), Verdict::DoesNotHold);
}

TEST(NormRows, WhatIsNoNumberIsAViolation) {
  auto row = sampled_row([](const Case& c) {
    const auto norm = linalg::norm(c.A);
    return where(norm > max(norm).item() / 2.0, NAN, norm);
  });
  EXPECT_GE(recorded(checked(row), violations), 1.0);
  EXPECT_EQ(verdict_of(row), Verdict::DoesNotHold);
  row.left = [](const Case& c) { return linalg::norm(c.A, 2) * where(arange(36.0) > 34.0, NAN, 1.0); };
  row.equality = true;
  row.constant = {};
  EXPECT_EQ(recorded(checked(row), deviation), 0.0);
  EXPECT_EQ(verdict_of(row), Verdict::DoesNotHold);
}

TEST(NormRows, ZeroOnBothSidesIsNoCase) {
  const auto few = [](const Tensor& norms) { return norms * (arange(36.0) > 2.0); };
  auto row = sampled_row([few](const Case& c) { return few(linalg::norm(c.A)); });
  row.right = [few](const Case& c) { return few(linalg::norm(c.A, 2)); };
  const auto t = checked(row);
  EXPECT_EQ(recorded(t, violations), 0.0);
  EXPECT_EQ(recorded(t, matrices), 33.0);
  EXPECT_EQ(verdict_of(row), Verdict::Holds);
  row.left = row.right = [](const Case& c) { return zeros({c.A.size(0)}); };
  EXPECT_EQ(verdict_of(row), Verdict::DoesNotHold);
}

// Columns of sparse matrices are 0 now and then: x and db at once too.
TEST(NormRows, SolutionsOfUnchangedRightSidesDoNotChange) {
  const auto rows = perturbation_rows();
  const auto row = *std::ranges::find(rows, "solve-right", &Inequality::name);
  for (std::int64_t k = 0; k < 12; ++k) {
    Trial t({.index = k});
    check(t, row);
    EXPECT_EQ(recorded(t, violations), 0.0) << k;
  }
}

TEST(NormRows, TheLargerOfTwoKeepsWhatIsNoNumber) {
  EXPECT_EQ(larger(1.0, 2.0), 2.0);
  EXPECT_EQ(larger(2.0, 1.0), 2.0);
  EXPECT_TRUE(std::isnan(larger(NAN, 1.0)));
  EXPECT_TRUE(std::isnan(larger(1.0, NAN)));
}

TEST(LearnedNetworks, AFailedAttackIsInfinitelyFarAndAMisclassifiedPointIsNot) {
  const auto margins = tensor(std::vector<double>{-1, 1, 2}), attack = tensor(std::vector<double>{0.1, 3, INFINITY});
  EXPECT_EQ(learned::distances_to_error(margins, attack).to_vector(), (std::vector<double>{0, 3, INFINITY}));
}

TEST(LearnedNetworks, ABoundWithoutAMarginIsInfinite) {
  Group group(Params({{"part", std::string("learned")}}));
  for (std::int64_t k = 0; k < 5; ++k) {
    Metrics metrics{{"no_margin", k < 2 ? 1.0 : 0.0}};
    if (k >= 2) metrics.add("margin_bound", static_cast<double>(k));
    group.add(k, metrics);
  }
  const auto median = learned::median_bound(learned::margin_bound).values(Results({group})).front().value;
  EXPECT_EQ(median, 4.0);  // of 2, 3, 4, inf, inf
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
