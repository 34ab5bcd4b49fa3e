// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/decompositions.hpp>
#include <sigmagrad/linalg/duality.hpp>
#include <sigmagrad/linalg/majorization.hpp>
#include <sigmagrad/linalg/solve.hpp>
#include <sigmagrad/linalg/spectrum.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/linalg/tikhonov.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::linalg {
namespace {

using testing::close;
using testing::error_of;
using testing::same;

constexpr double infinity = std::numeric_limits<double>::infinity();

Tensor random(const Shape& shape, std::uint64_t seed = 17) {
  Generator generator(seed);
  return randn(shape, generator);
}

// U diag(s) V' with the vectors of a random matrix.
Tensor with_singular_values(const Tensor& s, std::int64_t m, std::int64_t n, std::uint64_t seed = 17) {
  const auto [U, S, Vt] = svd(random({m, n}, seed));
  return matmul(U * s, Vt);
}

TEST(Duality, ConjugateExponents) {
  EXPECT_EQ(conjugate_exponent(1.0), infinity);
  EXPECT_EQ(conjugate_exponent(infinity), 1.0);
  EXPECT_EQ(conjugate_exponent(2.0), 2.0);
  EXPECT_DOUBLE_EQ(conjugate_exponent(3.0), 1.5);
  EXPECT_EQ(error_of([] { conjugate_exponent(0.5); }), "conjugate_exponent: p must be >= 1 (got 0.5)");
  EXPECT_EQ(error_of([] { conjugate_exponent(std::nan("")); }), "conjugate_exponent: p must be >= 1 (got nan)");
}

// <A, B> <= ||A|| ||B||_dual with equality at some B: for each kind the one that attains it.
TEST(Duality, ThePairingIsBoundedAndReached) {
  const auto A = random({5, 4});
  const auto [U, S, Vt] = svd(A);
  const auto largest = [](const Tensor& x, const Tensor& among) { return sign(x) * (abs(x) == among); };
  const auto sizes = abs(A);
  const std::vector<std::pair<NormKind, Tensor>> best{{2, matmul(U.narrow(-1, 0, 1), Vt.narrow(-2, 0, 1))},
                                                      {Nuclear, matmul(U, Vt)},
                                                      {Fro, A},
                                                      {Max, largest(A, max(sizes))},
                                                      {1, sign(A) * (sum(sizes, -2, true) == max(sum(sizes, -2)))},
                                                      {Inf, sign(A) * (sum(sizes, -1, true) == max(sum(sizes, -1)))}};
  for (const auto& [kind, B] : best) {
    const double product = norm(A, kind).item() * dual_norm(B, kind).item();
    EXPECT_NEAR(inner_product(A, B).item(), product, 1e-12 * product) << kind.name;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      const auto C = random({5, 4}, seed);
      EXPECT_LE(inner_product(A, C).item(), norm(A, kind).item() * dual_norm(C, kind).item()) << kind.name;
    }
  }
}

TEST(Majorization, SumsOfTheLargest) {
  EXPECT_TRUE(majorizes(tensor({3, 0, 0}), tensor({1, 1, 1})));
  EXPECT_FALSE(majorizes(tensor({1, 1, 1}), tensor({3, 0, 0})));
  EXPECT_TRUE(majorizes(tensor({0, 1, 2}), tensor({2, 1, 0})));  // the order does not count
  EXPECT_FALSE(majorizes(tensor({3, 1, 0}), tensor({1, 1, 1})));
  EXPECT_TRUE(weakly_majorizes(tensor({3, 1, 0}), tensor({1, 1, 1})));
  EXPECT_FALSE(weakly_majorizes(tensor({3, 0, 0}), tensor({2, 2, 0})));
  EXPECT_FALSE(weakly_majorizes(tensor({2, 2, 0}), tensor({3, 0, 0})));  // neither leads
  EXPECT_TRUE(majorizes(tensor({0.1, 0.2, 0.3}), tensor({0.3, 0.2, 0.1})));
  EXPECT_TRUE(majorizes(tensor({0.1 + 0.2, 0.0}), tensor({0.3, 0.0})));  // up to rounding
  EXPECT_FALSE(majorizes(tensor({0.3 + 1e-14, 0.0}), tensor({0.3, 0.0})));
  EXPECT_TRUE(majorizes(zeros({0}), zeros({0})));
  EXPECT_TRUE(majorizes(tensor({3, 0}, f32), tensor({1.5, 1.5}, f32)));
}

TEST(Majorization, SquaresOfRowLengthsAreMajorisedByEigenvalues) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto w = random({6, 6}, seed);
    const auto gram = matmul(w, w.t());
    EXPECT_TRUE(majorizes(eigh(gram).eigenvalues, diagonal(gram)));  // Schur 1923
    const auto v = random({6, 6}, seed + 100);
    EXPECT_TRUE(weakly_majorizes(svdvals(w) + svdvals(v), svdvals(w + v)));  // the triangle inequality of Ky Fan
  }
}

TEST(Majorization, Errors) {
  EXPECT_EQ(error_of([] { majorizes(ones({2}), ones({3})); }),
            "majorizes: needs two vectors of one length, got [2] and [3]");
  EXPECT_EQ(error_of([] {
              weakly_majorizes(ones({2, 1}), ones({2, 1}));
            }),
            "weakly_majorizes: needs two vectors of one length, got [2, 1] and [2, 1]");
  EXPECT_EQ(error_of([] { majorizes(full({2}, infinity), ones({2})); }), "majorizes: input has non-finite entries");
}

TEST(DistanceToSingularity, IsReachedByTheLastPair) {
  const auto w = with_singular_values(tensor({4, 2, 0.5}), 3, 3);
  EXPECT_NEAR(distance_to_singularity(w).item(), 0.5, 1e-14);
  EXPECT_NEAR(distance_to_singularity(w, Distance::Relative).item(), 0.125, 1e-14);
  const auto [U, S, Vt] = svd(w);
  const auto change = S.select(-1, 2) * matmul(U.narrow(-1, 2, 1), Vt.narrow(-2, 2, 1));
  EXPECT_LT(distance_to_singularity(w - change).item(), 1e-15);
  EXPECT_NEAR(norm(change, 2).item(), 0.5, 1e-14);
}

TEST(Tikhonov, MinimisesAndIsNotAsIllConditionedAsTheNormalEquations) {
  // Singular values 1, 1e-5, 1e-10, with which A'A has lost half of the digits of the second and all of the third.
  const auto A = with_singular_values(tensor({1, 1e-5, 1e-10}), 6, 3);
  const auto X = random({3, 2});
  const auto B = matmul(A, X);
  EXPECT_TRUE(close(tikhonov(A, B, 1e-24), X, 2e-4));
  // Bias and difference are one, and the former has its digits where the latter has none.
  const auto bias = tikhonov_bias(A, X, 1e-6);
  EXPECT_TRUE(close(bias, tikhonov(A, B, 1e-6) - X, 1e-9));
  const auto [U, S, Vt] = svd(with_singular_values(tensor({3, 2, 1}), 3, 3));
  const auto well = matmul(U * S, Vt);
  EXPECT_NEAR(norm(tikhonov_bias(well, Vt.t().narrow(-1, 2, 1), 1e-30)).item() / 1e-30, 1.0, 1e-12);
}

TEST(Tikhonov, LimitsVectorsAndBatches) {
  const auto A = random({2, 5, 3}), B = random({2, 5, 2});
  EXPECT_TRUE(close(tikhonov(A, B, 1e-14), lstsq(A, B), 1e-12));
  EXPECT_TRUE(close(tikhonov(A, B, 1e14) * 1e14, matmul(A.t(), B), 1e-12));
  EXPECT_TRUE(close(tikhonov(A, B.select(-1, 0), 0.3), tikhonov(A, B, 0.3).select(-1, 0), 1e-14));
  EXPECT_TRUE(close(tikhonov(A.select(0, 0), B, 0.3).select(0, 0), tikhonov(A, B, 0.3).select(0, 0), 1e-14));
  EXPECT_TRUE(close(tikhonov_bias(A, ones({3}), 0.3), tikhonov_bias(A, ones({2, 3, 1}), 0.3).squeeze(-1), 1e-14));
  EXPECT_TRUE(same(tikhonov(zeros({3, 2}), ones({3}), 1.0), zeros({2})));
  double mu = 0.5;
  EXPECT_TRUE(same(tikhonov(A, B, Scalar::reference(mu)), tikhonov(A, B, 0.5)));
}

TEST(Tikhonov, ConditionNumbersFallToOne) {
  const auto A = with_singular_values(tensor({10, 1, 0.1}), 4, 3);
  EXPECT_NEAR(tikhonov_cond(A, 1e-30).item(), 1e4, 1e-8);
  EXPECT_NEAR(tikhonov_cond(A, 1.0).item(), 101.0 / 1.01, 1e-12);
  EXPECT_NEAR(tikhonov_cond(A, 1e12).item(), 1.0, 1e-9);
  EXPECT_NEAR(tikhonov_cond(A, 0.5).item(), cond(matmul(A.t(), A) + 0.5 * eye(3)).item(), 1e-9);
  EXPECT_NEAR(tikhonov_cond(A.t(), 0.5).item(), cond(matmul(A, A.t()) + 0.5 * eye(4)).item(), 1e-9);
  EXPECT_NEAR(tikhonov_cond(with_singular_values(tensor({2, 0}), 2, 2), 1.0).item(), 5.0, 1e-12);  // singular
}

TEST(RandomCondEstimate, IsALowerBoundOfTheSizeOfTheMeans) {
  for (const auto& shape : {Shape{8, 8}, Shape{9, 6}, Shape{6, 9}}) {
    const auto w = random(shape);
    const double exact = cond(w).item();
    const auto s = svdvals(w);
    const double n = 6.0 + (shape[0] == 8 ? 2.0 : 0.0);
    const double means = (sum(square(s)) * sum(1.0 / square(s)) / (n * n)).sqrt().item();
    Generator generator(9);
    double logs = 0.0;
    for (int i = 0; i < 200; ++i) {
      const double estimate = random_cond_estimate(w, generator).item();
      EXPECT_LE(estimate, exact * (1 + 1e-12));
      logs += std::log(estimate) / 200;
    }
    EXPECT_NEAR(logs, std::log(means), 0.7) << shape;
  }
}

TEST(RandomCondEstimate, EdgesAndErrors) {
  Generator generator(9), again(9);
  EXPECT_NEAR(random_cond_estimate(3.0 * eye(4), generator).item(), 1.0, 1e-14);
  EXPECT_EQ(random_cond_estimate(tensor({{1, 2}, {2, 4}}), generator).item(), infinity);
  EXPECT_TRUE(std::isnan(random_cond_estimate(zeros({2, 2}), generator).item()));
  EXPECT_EQ(random_cond_estimate(random({3, 4, 4}), generator).shape(), Shape({3}));
  manual_seed(9);
  EXPECT_TRUE(same(random_cond_estimate(random({5, 5})), random_cond_estimate(random({5, 5}), again)));
  EXPECT_FALSE(random_cond_estimate(random({3, 3}).requires_grad_()).requires_grad());
  EXPECT_EQ(error_of([] { random_cond_estimate(ones({3})); }), "random_cond_estimate: needs a matrix, got [3]");
}

// The forward error is at most cond times twice the backward error, to first order, and the elimination's backward
// error some epsilon.
TEST(Errors, OfASolve) {
  const auto s = logspace(0, -10, 8);
  const auto A = with_singular_values(s, 8, 8);
  const auto exact = random({8}, 3), b = matmul(A, exact);
  const auto x = solve(A, b);
  const double backward = backward_error(A, x, b).item(), forward = forward_error(x, exact).item();
  EXPECT_LT(backward, 1e-15);
  EXPECT_GT(forward, 1e-12);
  EXPECT_LE(forward, 3e10 * 4e-16);
  // A change of A and of b of that relative size makes x exact.
  const auto y = x + 1e-3 * random({8}, 4);
  const auto r = b - matmul(A, y);
  const double size = backward_error(A, y, b).item();
  const auto change = size * norm(A, 2) / (vector_norm(y) * vector_norm(r)) * outer(r, y);
  const auto right = -size * vector_norm(b) / vector_norm(r) * r;
  EXPECT_TRUE(close(matmul(A + change, y), b + right, 1e-12));
  EXPECT_NEAR(norm(change, 2).item(), size * norm(A, 2).item(), 1e-12);
}

TEST(Errors, ShapesOfSystems) {
  const auto A = random({2, 4, 3}), x = random({2, 3}), b = random({2, 4});
  const auto vectors = backward_error(A, x, b);
  EXPECT_EQ(vectors.shape(), Shape({2}));
  EXPECT_TRUE(same(vectors, backward_error(A, x.unsqueeze(-1), b.unsqueeze(-1)).squeeze(-1)));
  EXPECT_EQ(backward_error(random({4, 3}), random({3}), random({4})).shape(), Shape({}));
  EXPECT_EQ(forward_error(x, 2.0 * x).shape(), Shape({2}));
  EXPECT_NEAR(forward_error(x, 2.0 * x).select(0, 1).item(), 0.5, 1e-15);
}

// A V - V diag(l), in pairs.
Tensor eigen_residual(const Tensor& a, const Eig& e) {
  const auto re = e.eigenvectors.select(-1, 0), im = e.eigenvectors.select(-1, 1);
  const auto l = e.eigenvalues.select(-1, 0).unsqueeze(-2), m = e.eigenvalues.select(-1, 1).unsqueeze(-2);
  return stack({matmul(a, re) - (re * l - im * m), matmul(a, im) - (re * m + im * l)}, -1);
}

TEST(Eig, VectorsOfRandomMatrices) {
  for (const std::int64_t n : {1, 2, 3, 7, 20}) {
    const auto a = random({3, n, n});
    const auto e = eig(a);
    EXPECT_TRUE(close(e.eigenvalues, eigvals(a), 1e-12)) << n;
    EXPECT_LT(max(abs(eigen_residual(a, e))).item(), 1e-13 * static_cast<double>(n)) << n;
    const auto lengths = sum(sum(square(e.eigenvectors), -1), -2);
    EXPECT_TRUE(close(lengths, ones({3, n}), 1e-14)) << n;
    EXPECT_GE(min(eigenvector_cond(a)).item(), 1.0 - 1e-12);
  }
}

TEST(Eig, KnownMatrices) {
  const auto turn = eig(tensor({{0, -2}, {2, 0}}));
  EXPECT_TRUE(close(turn.eigenvalues, tensor({{0, 2}, {0, -2}}), 1e-15));
  EXPECT_TRUE(close(sum(square(turn.eigenvectors), -1), full({2, 2}, 0.5), 1e-15));
  EXPECT_NEAR(eigenvector_cond(tensor({{0, -2}, {2, 0}})).item(), 1.0, 1e-14);
  const auto symmetric = random({5, 5}) + random({5, 5}).t();
  EXPECT_TRUE(same(eig(symmetric).eigenvectors.select(-1, 0), eigh(symmetric).eigenvectors));
  EXPECT_NEAR(eigenvector_cond(symmetric).item(), 1.0, 1e-13);
  EXPECT_NEAR(eigenvector_cond(eye(4)).item(), 1.0, 1e-14);
  EXPECT_GT(eigenvector_cond(tensor({{1, 1}, {0, 1}})).item(), 1e15);  // has one eigenvector
  EXPECT_EQ(eig(zeros({2, 0, 0})).eigenvectors.shape(), Shape({2, 0, 0, 2}));
  const auto single = eig(random({6, 6}).to(f32));
  EXPECT_LT(max(abs(eigen_residual(random({6, 6}).to(f32), single))).item(), 1e-5);
}

TEST(Eig, PerturbedEigenvaluesStayWithinBauerAndFike) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const auto a = random({6, 6}, seed) + 3.0 * random({6, 6}, seed + 50).triu(1);
    const auto e = 1e-3 * random({6, 6}, seed + 100);
    const auto before = eigvals(a), after = eigvals(a + e);
    const auto distance = sqrt(sum(square(after.unsqueeze(-2) - before.unsqueeze(-3)), -1));
    const double largest = max(min(distance, -1)).item();
    EXPECT_LE(largest, eigenvector_cond(a).item() * norm(e, 2).item()) << seed;
  }
}

}  // namespace
}  // namespace sigmagrad::linalg
