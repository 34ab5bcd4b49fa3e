// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <gtest/gtest.h>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>

// Determinants, LU factors, powers and least squares where the table of operations does not look.
namespace sigmagrad::linalg {
namespace {

using testing::close;
using testing::error_of;
using testing::same;

Tensor hilbert(std::int64_t n) {
  const Tensor i = arange(static_cast<double>(n));
  return 1.0 / (i.unsqueeze(0) + i.unsqueeze(1) + 1.0);
}

Tensor gradient_of_det(const Tensor& a) {
  const Tensor x = a.clone().requires_grad_();
  return grad(det(x), std::vector{x})[0];
}

TEST(Det, ASingularMatrixHasCofactors) {
  const Tensor a = tensor({{1, 2, 3}, {4, 5, 6}, {7, 8, 9}});
  EXPECT_NEAR(det(a).item(), 0.0, 1e-14);
  EXPECT_TRUE(close(gradient_of_det(a), tensor({{-3, 6, -3}, {6, -12, 6}, {-3, 6, -3}}), 1e-13));
  EXPECT_LT(max(abs(gradient_of_det(ones({3, 3})))).item(), 1e-15);
  EXPECT_TRUE(same(gradient_of_det(zeros({3, 3})), zeros({3, 3})));
  EXPECT_TRUE(same(gradient_of_det(zeros({1, 1})), ones({1, 1})));
}

// The second derivative of det along E_11 and E_22 at a matrix of rank 1 is its entry 33.
TEST(Det, ASingularMatrixHasASecondDerivative) {
  const Tensor v = tensor({1.0, 2.0, 3.0}), a = outer(v, v).requires_grad_();
  const auto [g] = grad(det(a), {a}, {.create_graph = true});
  const auto [h] = grad(g.select(0, 0).select(0, 0), {a}, {.create_graph = true});
  EXPECT_TRUE(close(h, tensor({{0, 0, 0}, {0, 9, -6}, {0, -6, 4}}), 1e-13));
  EXPECT_EQ(error_of([&, second = h] { grad(second.sum(), {a}); }), "det: has no third derivative");
}

TEST(Det, LeavesTheRangeOnlyWhereItsValueDoes) {
  const Tensor sizes = tensor({1e200, 1e-200, 1e200, 1e-200, 3.0, 2.0});
  EXPECT_NEAR(det(diag(sizes)).item(), 6.0, 1e-14);
  EXPECT_NEAR(det(diag(flip(sizes, 0))).item(), 6.0, 1e-14);
  EXPECT_TRUE(same(det(zeros({2, 0, 0})), ones({2})));
  EXPECT_EQ(det(full({2, 2}, 1e200) * eye(2)).item(), INFINITY);
}

TEST(Det, HasTheSizeOfTheLogarithm) {
  const Tensor a = randn({5, 40, 40}) / 6.0;
  const auto [sign, size] = slogdet(a);
  EXPECT_TRUE(close(det(a), sign * exp(size), 1e-11));
}

TEST(Lu, FactorsMultiplyToTheMatrix) {
  for (const Shape& shape : {Shape{3, 3}, Shape{100, 80}, Shape{2, 7, 40}, Shape{1, 5}, Shape{5, 1}, Shape{3, 0},
                             Shape{0, 3}, Shape{2, 0, 0}}) {
    const Tensor a = randn(shape);
    const auto [P, L, U] = lu(a);
    EXPECT_TRUE(close(matmul(matmul(P, L), U), a, 1e-13)) << shape;
    EXPECT_TRUE(same(matmul(P, P.t()), expand(eye(P.size(-1)), P.shape()))) << shape;
    EXPECT_TRUE(same(tril(L), L) && same(triu(U), U)) << shape;
    EXPECT_TRUE(same(diagonal(L), ones_like(diagonal(L)))) << shape;
    EXPECT_LE(L.numel() > 0 ? max(abs(L)).item() : 1.0, 1.0) << shape;
    EXPECT_FALSE(P.requires_grad());
  }
}

TEST(Lu, SingularMatricesHaveFactorsAndNoGradient) {
  for (const Tensor& a : {zeros({3, 3}), ones({4, 4}), tensor({{0, 1, 2}, {0, 3, 4}, {0, 5, 6}})}) {
    const Tensor x = a.clone().requires_grad_();
    const auto [P, L, U] = lu(x);
    EXPECT_TRUE(close(matmul(matmul(P, L), U), a, 1e-15));
    EXPECT_FALSE(lu(x).P.requires_grad());
    EXPECT_EQ(error_of([&, upper = U] { grad(upper.sum(), {x}); }), "lu: matrix is singular");
  }
}

TEST(MatrixPower, TakesAnyWholeNumber) {
  const Tensor a = tensor({{1, 1}, {1, 0}});  // Fibonacci
  EXPECT_TRUE(same(matrix_power(a, 10), tensor({{89, 55}, {55, 34}})));
  EXPECT_TRUE(same(matrix_power(a, -3), tensor({{-1, 2}, {2, -3}})));
  EXPECT_TRUE(same(matrix_power(randn({2, 3, 3}), 0), expand(eye(3), Shape{2, 3, 3})));
  Tensor once = matrix_power(a, 1);
  once.zero_();
  EXPECT_TRUE(same(a, tensor({{1, 1}, {1, 0}})));
  EXPECT_TRUE(same(matrix_power(eye(2), INT64_MIN), eye(2)));
  EXPECT_EQ(error_of([] { matrix_power(ones({2, 2}), -1); }), "matrix_power: matrix is singular");
  EXPECT_EQ(error_of([] { matrix_power(ones({2, 3}), 2); }), "matrix_power: needs a square matrix, got [2, 3]");
}

TEST(Lstsq, TakesVectorsAndBroadcastsBatches) {
  const Tensor a = randn({3, 5, 2}), b = randn({5}), many = randn({3, 5});
  EXPECT_EQ(lstsq(a, b).shape(), Shape({3, 2}));
  EXPECT_TRUE(close(lstsq(a, many).select(0, 1), lstsq(a.select(0, 1), many.select(0, 1)), 1e-15));
  EXPECT_TRUE(close(lstsq(a.select(0, 2), b), lstsq(a, b).select(0, 2), 1e-15));
  EXPECT_EQ(lstsq(a, randn({5, 4})).shape(), Shape({3, 2, 4}));
  EXPECT_TRUE(same(lstsq(zeros({2, 0}), ones({2, 1})), zeros({0, 1})));
  EXPECT_TRUE(same(lstsq(zeros({0, 2}), zeros({0, 1})), zeros({2, 1})));
}

TEST(Lstsq, IsTheShortestSolution) {
  const Tensor a = matmul(randn({6, 2}), randn({2, 5})), x = lstsq(a, randn({6}));
  EXPECT_TRUE(close(matmul(pinv(a), matmul(a, x)), x, 1e-13));  // nothing of it is in the kernel
  EXPECT_TRUE(close(lstsq(diag(tensor({1.0, 1e-3})), ones({2}), 0.01), tensor({1.0, 0.0}), 1e-15));
}

// A solution of moderate size keeps the digits that its condition allows, and no more are lost by an explicit inverse.
TEST(Lstsq, KeepsTheDigitsOfAnIllConditionedSystem) {
  const Tensor a = hilbert(7), x = ones({7}), found = lstsq(a, matmul(a, x));  // condition 5e8
  EXPECT_TRUE(close(found, x, 1e-7));
  EXPECT_TRUE(close(matmul(a, found), matmul(a, x), 1e-14));
}

TEST(Lstsq, HasTheGradientOfSolve) {
  const Tensor a = hilbert(5), b = arange(5.0);  // condition 5e5
  const auto gradients = [&](const auto& f) {
    const Tensor w = a.clone().requires_grad_(), y = b.clone().requires_grad_();
    return grad(square(f(w, y)).sum(), std::vector{w, y});
  };
  const auto ours = gradients([](const Tensor& w, const Tensor& y) { return lstsq(w, y); });
  const auto exact = gradients([](const Tensor& w, const Tensor& y) { return solve(w, y); });
  for (std::size_t i = 0; i < 2; ++i)
    EXPECT_LT(max(abs(ours[i] - exact[i])).item(), 1e-9 * max(abs(exact[i])).item()) << i;
}

TEST(Lstsq, AReplayFollowsTheRank) {
  Tensor a = eye(2), b = ones({2});
  auto step = capture([&] { return lstsq(a, b); });
  step();
  a.copy_(ones({2, 2}));
  step();
  EXPECT_TRUE(close(step.output(), full({2}, 0.5), 1e-15));
}

// Through equal singular values the second derivative of a symmetric function of them exists.
TEST(Svd, ThroughSHasTheSecondDerivativeOfSvdvals) {
  const Tensor v = randn({3, 3});
  const auto second = [&](const auto& values) {
    const Tensor w = (eye(3) * 2.0).requires_grad_();
    const auto [g] = grad(square(square(values(w))).sum(), {w}, {.create_graph = true});
    return grad((g * v).sum(), std::vector{w})[0];
  };
  const auto expected = second([](const Tensor& w) { return svdvals(w); });
  EXPECT_TRUE(close(second([](const Tensor& w) { return svd(w).S; }), expected, 1e-12));
}

}  // namespace
}  // namespace sigmagrad::linalg
