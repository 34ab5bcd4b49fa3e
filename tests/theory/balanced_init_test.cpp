// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <limits>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/balanced_problems.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::theory {
namespace {

using sigmagrad::testing::close;
using sigmagrad::testing::error_of;
using sigmagrad::testing::relative_distance;

// ||W2' W2 - W1 W1' - lambda I||_F relative to the largest of 1, |lambda| and the weights.
double residual(const TwoLayerWeights& w, double lambda) {
  const auto balance = matmul(w.W2.t(), w.W2) - matmul(w.W1, w.W1.t()) - lambda * eye(w.W1.size(0));
  const double size = std::max({1.0, std::abs(lambda), square(w.W1).sum().item()});
  return std::sqrt(square(balance).sum().item()) / size;
}

TEST(LambdaBalanced, ExistsExactlyWhereTheStrongSideHasRoom) {
  Generator generator(1);
  int made = 0, refused = 0;
  for (std::int64_t n_i = 1; n_i <= 4; ++n_i)
    for (std::int64_t n_h = 1; n_h <= 6; ++n_h)
      for (std::int64_t n_o = 1; n_o <= 4; ++n_o)
        for (const double lambda : {-1e3, -0.5, 0.0, 1e-9, 7.0}) {
          const bool feasible = lambda == 0 || n_h <= (lambda > 0 ? n_o : n_i);
          if (feasible) {
            EXPECT_LE(residual(lambda_balanced(lambda, {n_i, n_h, n_o}, {}, generator), lambda), 1e-14);
          } else {
            EXPECT_NE(error_of([&] { lambda_balanced(lambda, {n_i, n_h, n_o}, {}, generator); }), "no error");
          }
          ++(feasible ? made : refused);
        }
  EXPECT_EQ(made, 256);
  EXPECT_EQ(refused, 224);
}

// Written as (sqrt(lambda^2 + 4 s^2) - lambda) / 2 the weak side is lost altogether from lambda = 1e6 on.
TEST(LambdaBalanced, KeepsTheProductForAnyLambda) {
  Generator generator(2);
  const auto product = randn({5, 2, 4}, generator);
  for (const double lambda : {-1e8, -3.0, 0.0, 3.0, 1e8}) {
    const auto [W1, W2] = balanced_factors(product, 2, lambda, generator);
    EXPECT_LE(relative_distance(matmul(W2, W1), product), 1e-14) << lambda;
  }
  const auto [W1, W2] = balanced_factors(product, 1, 3.0, generator);
  EXPECT_LE(relative_distance(matmul(W2, W1), linalg::low_rank_approximation(product, 1)), 1e-14);
}

TEST(LambdaBalanced, AlignsWithATarget) {
  Generator generator(3);
  const auto target = randn({4, 3}, generator);
  const auto [W1, W2] = lambda_balanced(2.0, {3, 4, 4}, {.sigma = 0.1, .aligned_to = target}, generator);
  const auto [U, S, Vt] = linalg::svd(target);
  const auto modes = matmul(matmul(U.t(), matmul(W2, W1)), Vt.t());
  EXPECT_TRUE(close(modes, diag(diag(modes)), 1e-14));
  EXPECT_LE(residual({W1, W2}, 2.0), 1e-14);
}

TEST(LambdaBalanced, SigmaScalesTheProduct) {
  Generator one(4), two(4);
  const auto small = lambda_balanced(0.0, {3, 3, 3}, {.sigma = 0.1}, one);
  const auto large = lambda_balanced(0.0, {3, 3, 3}, {}, two);
  EXPECT_LE(relative_distance(small.W1 * 10.0, large.W1), 1e-12);
}

TEST(LambdaBalanced, RefusesWithTheRuleAndTheNumbers) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(error_of([] {
              lambda_balanced(1.0, {5, 4, 3});
            }),
            "lambda_balanced: lambda > 0 needs n_h <= n_o (got lambda=1, n_h=4, n_o=3)");
  EXPECT_EQ(error_of([] {
              lambda_balanced(-1.0, {3, 4, 5});
            }),
            "lambda_balanced: lambda < 0 needs n_h <= n_i (got lambda=-1, n_h=4, n_i=3)");
  EXPECT_EQ(error_of([] {
              lambda_balanced(1.0, {0, 4, 3});
            }),
            "lambda_balanced: sizes must be >= 1 (got n_i=0, n_h=4, n_o=3)");
  EXPECT_EQ(error_of([=] { lambda_balanced(nan, {3, 3, 3}); }), "lambda_balanced: lambda must be finite (got nan)");
  EXPECT_EQ(error_of([] {
              lambda_balanced(0.0, {3, 3, 3}, {.sigma = 0.0});
            }),
            "lambda_balanced: sigma must be finite and > 0 (got 0)");
  EXPECT_EQ(error_of([] {
              lambda_balanced(0.0, {3, 3, 3}, {.aligned_to = eye(2)});
            }),
            "lambda_balanced: aligned_to must be [3, 3] (got [2, 2])");
}

TEST(RandomOrthogonal, IsOrthogonalAndWithoutPreferredSigns) {
  Generator generator(5);
  const auto R = random_orthogonal({400}, 3, generator);
  EXPECT_TRUE(close(matmul(R.t(), R), eye(3).expand({400, 3, 3}), 1e-14));
  EXPECT_LT(max(abs(R.mean(0))).item(), 0.12);  // standard deviation 1 / sqrt(3 * 400) = .029
}

TEST(Whiten, MakesTheCovarianceTheIdentity) {
  Generator generator(6);
  const auto X = matmul(randn({20, 4}, generator), randn({4, 4}, generator)), white = whiten(X);
  EXPECT_TRUE(close(matmul(white.t(), white) / 20.0, eye(4), 1e-13));
}

TEST(Whiten, SaysThatInputsAreRankDeficient) {
  Generator generator(7);
  const auto X = matmul(randn({20, 2}, generator), randn({2, 4}, generator));
  EXPECT_EQ(error_of([&] { whiten(X); }),
            "whiten: X [20, 4] has rank 2, expected 4: inputs that do not span their space cannot be white");
  EXPECT_NE(error_of([&] { whiten(randn({3, 4}, generator)); }).find("has rank 3, expected 4"), std::string::npos);
  EXPECT_NE(error_of([&] { whiten(zeros({5, 2})); }).find("has rank 0"), std::string::npos);
}

}  // namespace
}  // namespace sigmagrad::theory
