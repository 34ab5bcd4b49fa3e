// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/iterations.hpp>
#include <sigmagrad/linalg/norms.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::linalg {
namespace {

using testing::close;
using testing::error_of;
using testing::same;

Tensor random(const Shape& shape, Dtype dtype = f64) {
  Generator generator(17);
  return randn(shape, generator, dtype);
}

TEST(PowerIteration, ConvergesToTheLeadingPair) {
  for (const auto& shape : {Shape{6, 4}, Shape{4, 6}, Shape{1, 3}, Shape{3, 1}}) {
    const auto w = random(shape).requires_grad_();
    const auto [u, sigma, v] = power_iteration(w, 300);
    EXPECT_NEAR(sigma.item(), norm(w, 2).item(), 1e-12) << shape;
    EXPECT_TRUE(close(matmul(w, v), u * sigma, 1e-9)) << shape;
    EXPECT_TRUE(close(grad(sigma, {w})[0], grad(norm(w, 2), {w})[0], 1e-9)) << shape;
    EXPECT_FALSE(u.requires_grad() || v.requires_grad());
  }
}

TEST(PowerIteration, TheErrorFallsAsTheGapSays) {
  const auto w = diag(tensor({2, 1.8, 1}, {3}));
  const auto error = [&](int steps) { return 2.0 - power_iteration(w, steps).sigma.item(); };
  EXPECT_NEAR(error(21) / error(20), std::pow(0.9, 4), 1e-3);
}

TEST(PowerIteration, ContinuesFromAGivenVectorAndWorksOnBatches) {
  const auto w = random({3, 5, 4});
  const auto first = power_iteration(w, 2), second = power_iteration(w, 3, first.u), at_once = power_iteration(w, 5);
  EXPECT_TRUE(same(second.sigma, at_once.sigma));
  EXPECT_TRUE(same(power_iteration(w.select(0, 1), 5).sigma, at_once.sigma.select(0, 1)));
  EXPECT_NEAR(power_iteration(random({8, 8}, f32), 200).sigma.item(), norm(random({8, 8}), 2).item(), 1e-3);
}

TEST(PowerIteration, ZerosAndErrors) {
  const auto zero = power_iteration(zeros({2, 3}), 4);
  EXPECT_EQ(zero.sigma.item(), 0.0);
  EXPECT_TRUE(same(zero.u, zeros({2})));
  EXPECT_EQ(power_iteration(zeros({2, 0, 3}), 2).sigma.shape(), Shape({2}));
  EXPECT_EQ(error_of([] { power_iteration(ones({3}), 1); }), "power_iteration: needs a matrix, got [3]");
  EXPECT_EQ(error_of([] { power_iteration(eye(3), 0); }), "power_iteration: steps must be >= 1 (got 0)");
  EXPECT_EQ(error_of([] { power_iteration(eye(3), 1, ones({2})); }),
            "power_iteration: u must be [3] for [3, 3] (got [2])");
  EXPECT_EQ(error_of([] { power_iteration(eye(3), 1, ones({3}, f32)); }),
            "power_iteration: dtypes differ: f64 and f32 (convert one with to())");
}

// With about one entry in twenty off by 5.
Tensor corrupted(const Tensor& low_rank) {
  Generator generator(5);
  const auto place = rand(low_rank.shape(), generator), side = rand(low_rank.shape(), generator);
  return low_rank + 5.0 * (place < 0.05) * sign(side - 0.5);
}

TEST(RobustPCA, RecoversBothParts) {
  const std::int64_t n = 40;
  const auto low_rank = matmul(random({n, 2}), random({2, n}));
  const auto w = corrupted(low_rank);
  const auto result = robust_pca(w);
  EXPECT_TRUE(close(result.low_rank, low_rank, 1e-5));
  EXPECT_TRUE(close(result.low_rank + result.sparse, w, 1e-6));
  const auto single = robust_pca(w.to(f32));
  EXPECT_TRUE(close(single.low_rank, low_rank, 1e-3));
}

TEST(RobustPCA, BatchesZerosAndWeights) {
  const auto w = corrupted(matmul(random({20, 1}), random({1, 20})));
  const auto batch = robust_pca(stack({random({20, 20}), w}));
  EXPECT_TRUE(same(batch.sparse.select(0, 1), robust_pca(w).sparse));
  const auto zero = robust_pca(zeros({3, 2}));
  EXPECT_TRUE(same(zero.low_rank, zeros({3, 2})));
  EXPECT_EQ(robust_pca(zeros({0, 2})).sparse.shape(), Shape({0, 2}));
  // A weight so large that nothing is sparse, and so small that nothing is not.
  EXPECT_TRUE(close(robust_pca(w, {.lambda = 100.0}).low_rank, w, 1e-6));
  EXPECT_TRUE(close(robust_pca(w, {.lambda = 1e-3}).sparse, w, 1e-6));
  EXPECT_FALSE(robust_pca(eye(2).requires_grad_()).low_rank.requires_grad());
}

TEST(RobustPCA, TheDefaultWeightGoesByTheLongerSide) {
  for (const auto& shape : {Shape{12, 30}, Shape{30, 12}}) {
    const auto w = corrupted(matmul(random({shape[0], 1}), random({1, shape[1]})));
    EXPECT_TRUE(same(robust_pca(w).sparse, robust_pca(w, {.lambda = 1.0 / std::sqrt(30.0)}).sparse)) << shape;
  }
}

TEST(RobustPCA, Errors) {
  const auto nan = full({2, 2}, std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(error_of([&] { robust_pca(nan); }), "robust_pca: input has non-finite entries");
  EXPECT_EQ(error_of([] { robust_pca(ones({3})); }), "robust_pca: needs a matrix, got [3]");
  EXPECT_EQ(error_of([] { robust_pca(eye(2), {.lambda = -1.0}); }), "robust_pca: lambda must be >= 0 (got -1)");
  EXPECT_EQ(error_of([] { robust_pca(eye(2), {.tolerance = 0.0}); }), "robust_pca: tolerance must be > 0 (got 0)");
  EXPECT_EQ(error_of([] { robust_pca(eye(2), {.max_iterations = 0}); }),
            "robust_pca: max_iterations must be >= 1 (got 0)");
  EXPECT_EQ(error_of([] {
              robust_pca(random({9, 9}), {.max_iterations = 1});
            }).substr(0, 44),
            "robust_pca: no convergence in 1 iterations (");
}

TEST(Norms, TwoToOneOfManyRowsIsALowerBoundThatSignedMatricesReach) {
  // All rows of a rank-one matrix x y' can agree: the norm is ||x||_1 ||y||_2.
  const auto x = random({40, 1}), y = random({1, 7});
  EXPECT_NEAR(norm_2_to_1(matmul(x, y)).item(), (sum(abs(x)) * norm(y)).item(), 1e-11);
  // Against the bounds ||w||_2 <= ||w||_{2->1} <= sqrt(m) ||w||_2, and the exact search on the same problem.
  const auto w = random({16, 5});
  const double exact = norm_2_to_1(w).item();
  const double bound = norm_2_to_1(cat({w, zeros({1, 5})}, 0)).item();  // 17 rows: the iteration
  EXPECT_LE(bound, exact * (1 + 1e-14));
  EXPECT_GE(bound, 0.98 * exact);
  EXPECT_GE(exact, norm(w, 2).item());
  EXPECT_LE(exact, 4.0 * norm(w, 2).item());
}

TEST(Norms, SchattenAndVectorNormsAtTheLimits) {
  const auto w = random({4, 3});
  const double inf = std::numeric_limits<double>::infinity();
  EXPECT_NEAR(schatten_norm(w, 1.0).item(), norm(w, Nuclear).item(), 1e-14);
  EXPECT_NEAR(schatten_norm(w, 2.0).item(), norm(w).item(), 1e-14);
  EXPECT_NEAR(schatten_norm(w, inf).item(), norm(w, 2).item(), 1e-14);
  EXPECT_NEAR(schatten_norm(w, 500.0).item(), norm(w, 2).item(), 1e-12);
  EXPECT_NEAR(schatten_norm(1e200 * w, 3.0).item() / 1e200, schatten_norm(w, 3.0).item(), 1e-13);
  EXPECT_DOUBLE_EQ(vector_norm(tensor({3, -4}, {2})).item(), 5.0);
  EXPECT_DOUBLE_EQ(vector_norm(tensor({1, 4}, {2}), 0.5).item(), 9.0);
  EXPECT_EQ(error_of([&] { schatten_norm(w, -1.0); }), "schatten_norm: p must be > 0 (got -1)");
}

TEST(Norms, GradientsAtTiesAndAtZero) {
  const auto [Q, S, Vt] = svd(random({4, 4}));
  const auto w = (3.0 * matmul(Q, Vt)).detach().requires_grad_();
  // ||w||_p = 3 n^(1/p), with gradient n^(1/p - 1) times the orthogonal factor.
  for (const double p : {1.0, 1.5, 3.0})
    EXPECT_TRUE(close(grad(schatten_norm(w, p), {w})[0], std::pow(4.0, 1.0 / p - 1.0) / 3.0 * w, 1e-13)) << p;
  EXPECT_TRUE(close(grad(ky_fan_norm(w, 4), {w})[0], w / 3.0, 1e-13));
  for (const double p : {1.5, 2.0, 3.0}) {
    const auto zero = zeros({3, 2}).requires_grad_();
    EXPECT_TRUE(same(grad(schatten_norm(zero, p), {zero})[0], zeros({3, 2}))) << p;
    EXPECT_TRUE(same(grad(sum(vector_norm(zero, p)), {zero})[0], zeros({3, 2}))) << p;
  }
}

}  // namespace
}  // namespace sigmagrad::linalg
