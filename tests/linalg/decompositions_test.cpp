// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/graph/gradcheck.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/decompositions.hpp>
#include <sigmagrad/linalg/expm.hpp>
#include <sigmagrad/linalg/solve.hpp>
#include <sigmagrad/linalg/spectrum.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::linalg {
namespace {

using testing::close;
using testing::error_of;
using testing::gradcheck;
using testing::gradgradcheck;
using testing::same;

Tensor random(const Shape& shape, Dtype dtype = f64) {
  Generator generator(11);
  return randn(shape, generator, dtype);
}
Tensor symmetric(const Tensor& x) { return 0.5 * (x + x.t()); }
Tensor lower(const Tensor& x) {
  std::vector<double> mask;
  for (std::int64_t i = 0; i < x.size(0); ++i)
    for (std::int64_t j = 0; j < x.size(1); ++j) mask.push_back(i >= j);
  return x * tensor(mask, x.shape(), x.dtype());
}
// Singular values from 1 down to 1/cond.
Tensor conditioned(std::int64_t n, double cond) {
  const auto [U, S, Vt] = svd(random({n, n}));
  const auto s = exp(arange(static_cast<double>(n)) * (-std::log(cond) / static_cast<double>(n - 1)));
  return matmul(U * s, Vt);
}

class OfSize : public ::testing::TestWithParam<std::int64_t> {};
INSTANTIATE_TEST_SUITE_P(Linalg, OfSize, ::testing::Values(1, 2, 3, 26, 64, 100));

TEST_P(OfSize, EigenvectorsDiagonaliseTheSymmetricPart) {
  for (const auto dtype : {f64, f32}) {
    const auto n = GetParam();
    const double tolerance = static_cast<double>(n + 3) * (dtype == f64 ? 1e-15 : 5e-7);
    const auto a = random({n, n}, dtype);
    const auto [l, V] = eigh(a);
    EXPECT_TRUE(close(matmul(V * l, V.t()), symmetric(a), tolerance));
    EXPECT_TRUE(close(matmul(V.t(), V), eye(n, dtype), tolerance));
    const auto ascending = l.to(f64);
    const auto values = ascending.data<double>();
    EXPECT_TRUE(std::is_sorted(values.begin(), values.end()));
  }
}

TEST_P(OfSize, CholeskyFactor) {
  for (const auto dtype : {f64, f32}) {
    const auto n = GetParam();
    const auto x = random({n, n}, dtype);
    const auto a = matmul(x, x.t()) + eye(n, dtype);
    const auto L = cholesky(a);
    EXPECT_TRUE(close(matmul(L, L.t()), a, dtype == f64 ? 1e-14 : 5e-6));
    EXPECT_TRUE(same(lower(L), L));
    EXPECT_GT(min(sum(L * eye(n, dtype), -1)).item(), 0.0);
  }
}

TEST_P(OfSize, QRFactorsOfSquareTallAndWideMatrices) {
  for (const auto dtype : {f64, f32})
    for (const auto& shape :
         {Shape{GetParam(), GetParam()}, Shape{GetParam() + 5, GetParam()}, Shape{GetParam(), GetParam() + 5}}) {
      const double tolerance = dtype == f64 ? 3e-15 : 2e-6;
      const auto w = random(shape, dtype);
      const auto [Q, R] = qr(w);
      EXPECT_TRUE(close(matmul(Q, R), w, tolerance)) << shape;
      EXPECT_TRUE(close(matmul(Q.t(), Q), eye(GetParam(), dtype), tolerance)) << shape;
      EXPECT_TRUE(same(lower(R.t()), R.t())) << shape;
    }
}

TEST_P(OfSize, SolvingAndInverting) {
  const auto n = GetParam();
  for (const auto dtype : {f64, f32}) {
    const double tolerance = dtype == f64 ? 1e-11 : 5e-3;
    const auto a = random({n, n}, dtype), x = random({n, 4}, dtype);
    EXPECT_TRUE(close(solve(a, matmul(a, x)), x, tolerance));
    EXPECT_TRUE(close(solve(a, matmul(a, x.select(1, 2))), x.select(1, 2), tolerance));
    EXPECT_TRUE(close(matmul(inv(a), a), eye(n, dtype), tolerance));
  }
}

TEST_P(OfSize, TheDeterminantIsTheProductOfTheSingularValuesUpToItsSign) {
  const auto n = GetParam();
  const auto a = random({n, n});
  const auto [sign, logabsdet] = slogdet(a);
  EXPECT_NEAR(logabsdet.item(), sum(log(svdvals(a))).item(), 1e-11);
  auto exchanged = std::vector<double>(a.data<double>().begin(), a.data<double>().end());
  if (n == 1) return;
  std::swap_ranges(exchanged.begin(), exchanged.begin() + n, exchanged.begin() + n);
  EXPECT_EQ(slogdet(tensor(exchanged, {n, n})).sign.item(), -sign.item());
}

TEST_P(OfSize, ExponentialOfASymmetricMatrix) {
  const auto n = GetParam();
  const auto a = symmetric(random({n, n}));
  const auto [l, V] = eigh(a);
  EXPECT_TRUE(close(expm(a), matmul(V * exp(l), V.t()), 1e-12));
  EXPECT_TRUE(close(expm(a.to(f32)), expm(a.to(f32).to(f64)).to(f32), 1e-7));
}

TEST_P(OfSize, EigenvaluesOfASymmetricMatrix) {
  const auto n = GetParam();
  const auto a = symmetric(random({n, n}));
  const auto pairs = eigvals(a);
  EXPECT_TRUE(close(pairs.select(1, 0), eigh(a).eigenvalues, 1e-13));
  EXPECT_TRUE(same(pairs.select(1, 1), zeros({n})));
}

TEST_P(OfSize, CondEstimateIsALowerBoundOfTheRightSize) {
  const auto n = GetParam();
  for (const auto& shape : {Shape{n, n}, Shape{n + 3, n}, Shape{n, n + 3}}) {
    const auto w = random(shape);
    const double exact = cond(w).item(), estimate = cond_estimate(w).item();
    EXPECT_LE(estimate, exact * (1 + 1e-10)) << shape;
    EXPECT_GE(estimate, 0.5 * exact) << shape;
  }
}

// Forward errors grow with the condition number, backward errors do not.
TEST(Solve, IllConditionedSystemsHaveSmallResiduals) {
  for (const std::int64_t n : {3, 26, 64}) {
    const auto a = conditioned(n, 1e12), b = random({n, 2});
    EXPECT_TRUE(close(matmul(a, solve(a, b)), b, 1e-3)) << n;
    EXPECT_TRUE(close(solve(a, matmul(a, b)), b, 1e-2)) << n;
    const double estimate = cond_estimate(a).item();
    EXPECT_NEAR(estimate, 1e12, 1e10) << n;
    EXPECT_NEAR(slogdet(a).logabsdet.item(), -0.5 * static_cast<double>(n) * std::log(1e12), 1e-2) << n;
  }
}

TEST(Solve, BatchesAndVectors) {
  const auto a = random({2, 3, 3}), x = random({2, 3});
  const auto b = matmul(a, x.unsqueeze(-1)).squeeze(-1);
  EXPECT_TRUE(close(solve(a, b), x, 1e-12));  // a vector a system
  EXPECT_EQ(solve(a, random({3})).shape(), Shape({2, 3}));
  EXPECT_EQ(solve(a, random({3, 4})).shape(), Shape({2, 3, 4}));
  EXPECT_EQ(solve(a.select(0, 0), random({5, 3, 4})).shape(), Shape({5, 3, 4}));
  EXPECT_EQ(solve(random({4, 1, 3, 3}), random({2, 3, 1})).shape(), Shape({4, 2, 3, 1}));
  EXPECT_TRUE(close(solve(a, random({3, 2})).select(0, 1), solve(a.select(0, 1), random({3, 2})), 0.0));
}

TEST(Solve, GradientsOfBroadcastOperands) {
  const auto f = [](const Tensor& a, const Tensor& b) { return solve(a + 5.0 * eye(3), b); };
  gradcheck(f, {random({2, 3, 3}), random({3})});
  gradcheck(f, {random({3, 3}), random({2, 3, 2})});
  gradgradcheck(f, {random({2, 3, 3}), random({3, 1})});
}

TEST(Solve, SingularMatrices) {
  const auto singular = tensor({1, 2, 3, 2, 4, 6, 0, 1, 5}, {3, 3});
  EXPECT_EQ(error_of([&] { solve(singular, ones({3})); }), "solve: matrix is singular");
  EXPECT_EQ(error_of([&] { inv(singular); }), "inv: matrix is singular");
  EXPECT_EQ(error_of([] { inv(zeros({2, 2})); }), "inv: matrix is singular");
  const auto x = singular.detach().requires_grad_();
  const auto [sign, logabsdet] = slogdet(x);
  EXPECT_EQ(sign.item(), 0.0);
  EXPECT_EQ(logabsdet.item(), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(error_of([&, l = logabsdet] { grad(l, {x}); }), "slogdet: matrix is singular");
  EXPECT_EQ(cond(singular, 1).item(), std::numeric_limits<double>::infinity());
  EXPECT_EQ(cond_estimate(singular).item(), std::numeric_limits<double>::infinity());
}

TEST(Cond, OfADiagonalMatrix) {
  const auto w = diag(tensor({4, 2, 0.5}, {3}));
  EXPECT_DOUBLE_EQ(cond(w, 1).item(), 8.0);
  EXPECT_DOUBLE_EQ(cond(w, Inf).item(), 8.0);
  EXPECT_DOUBLE_EQ(cond(w, Fro).item(), std::sqrt(20.25) * std::sqrt(1.0 / 16 + 0.25 + 4));
  EXPECT_DOUBLE_EQ(cond(w, Nuclear).item(), 6.5 * 2.75);
  EXPECT_EQ(error_of([&] { cond(w, Max); }), "cond: kind must be 1, 2, Inf, Fro or Nuclear (got Max)");
  EXPECT_EQ(error_of([] { cond(ones({2, 3}), 1); }), "cond: needs a square matrix, got [2, 3]");
  EXPECT_EQ(error_of([&] { cond_estimate(w, 0); }), "cond_estimate: steps must be >= 1 (got 0)");
  EXPECT_FALSE(cond_estimate(random({3, 3}).requires_grad_()).requires_grad());
}

TEST(Cholesky, RefusesWhatIsNotPositiveDefinite) {
  EXPECT_EQ(error_of([] { cholesky(tensor({1, 2, 2, 1}, {2, 2})); }), "cholesky: matrix is not positive definite");
  EXPECT_EQ(error_of([] { cholesky(zeros({3, 3})); }), "cholesky: matrix is not positive definite");
  const auto infinite = full({2, 2}, std::numeric_limits<double>::infinity());
  EXPECT_EQ(error_of([&] { cholesky(infinite); }), "cholesky: input has non-finite entries");
}

TEST(QR, GradientOfDependentColumnsIsAnError) {
  const auto w = tensor({1, 0, 0, 0, 1, 1}, {3, 2}).requires_grad_();
  const auto dependent = (w * tensor({1, 0}, {2})).detach().requires_grad_();
  EXPECT_EQ(error_of([&] { grad(sum(qr(w).R), {w}); }), "no error");
  EXPECT_EQ(error_of([&] { grad(sum(qr(dependent).R), {dependent}); }),
            "qr: no gradient where the matrix is singular up to rounding: entry 1 of the diagonal is 0.0e+00 times the "
            "largest of its column of R, expected more than 6.7e-16");
}

TEST(Eigh, EigenvalueSumsHaveExactDerivativesAtTies) {
  const auto w = eye(3).requires_grad_();
  const auto f = [](const Tensor& a) { return sum(square(eigh(a).eigenvalues)) + sum(eigh(a).eigenvalues); };
  const auto [g] = grad(f(w), {w}, {.create_graph = true});
  EXPECT_TRUE(close(g, 3.0 * eye(3), 1e-15));
  const auto x = random({3, 3});
  const auto [trace_part] = grad(sum(grad(sum(eigh(w).eigenvalues), {w}, {.create_graph = true})[0] * x), {w});
  EXPECT_TRUE(close(trace_part + 1.0, ones({3, 3}), 1e-15));
  const auto [gv] = grad(sum(eigh(w).eigenvectors), {w});
  EXPECT_EQ(min(isfinite(gv)).item(), 1.0);
}

TEST(Eigvals, OfARotationAndInOrder) {
  const auto a = tensor({0, -2, 0, 2, 0, 0, 0, 0, -1}, {3, 3});
  EXPECT_TRUE(close(eigvals(a), tensor({-1, 0, 0, 2, 0, -2}, {3, 2}), 1e-14));
  EXPECT_TRUE(close(eigvals(a.to(f32)).to(f64), tensor({-1, 0, 0, 2, 0, -2}, {3, 2}), 1e-6));
  EXPECT_FALSE(eigvals(eye(2).requires_grad_()).requires_grad());
}

TEST(Expm, KnownValues) {
  EXPECT_TRUE(close(expm(zeros({3, 3})), eye(3), 0.0));
  EXPECT_TRUE(close(expm(tensor({0, 1, 0, 0}, {2, 2})), tensor({1, 1, 0, 1}, {2, 2}), 1e-15));
  const double t = 20.0;
  EXPECT_TRUE(close(expm(tensor({0, -t, t, 0}, {2, 2})),
                    tensor({std::cos(t), -std::sin(t), std::sin(t), std::cos(t)}, {2, 2}), 1e-13));
  for (const double size : {1e-3, 1e-2, 0.1, 0.5, 1.5, 4.0, 30.0})  // each degree, and squarings
    EXPECT_TRUE(close(expm(diag(tensor({size, -size}, {2}))), diag(tensor({std::exp(size), std::exp(-size)}, {2})),
                      1e-14 * (1 + size)));
}

TEST(Expm, GradientsForLargeAndForTinyWeights) {
  const auto a = (3.0 * random({4, 4})).requires_grad_();
  const auto x = random({4, 4});
  const auto [g] = grad(sum(expm(a) * x), {a});
  for (const double scale : {1e-150, 1e150})
    EXPECT_TRUE(close(grad(sum(expm(a) * (scale * x)), {a})[0] / scale, g, 1e-12));
  EXPECT_TRUE(same(grad(sum(expm(a) * 0.0), {a})[0], zeros({4, 4})));
  gradcheck(expm, {eye(3)});
  gradgradcheck(expm, {eye(3)});
}

TEST(Linalg, MatricesWithoutEntries) {
  EXPECT_EQ(eigh(zeros({2, 0, 0})).eigenvectors.shape(), Shape({2, 0, 0}));
  EXPECT_EQ(eigvals(zeros({0, 0})).shape(), Shape({0, 2}));
  EXPECT_EQ(cholesky(zeros({0, 0})).shape(), Shape({0, 0}));
  EXPECT_EQ(qr(zeros({3, 0})).Q.shape(), Shape({3, 0}));
  EXPECT_EQ(inv(zeros({0, 0})).shape(), Shape({0, 0}));
  EXPECT_EQ(solve(zeros({0, 0}), zeros({0, 2})).shape(), Shape({0, 2}));
  EXPECT_EQ(expm(zeros({2, 0, 0})).shape(), Shape({2, 0, 0}));
  EXPECT_EQ(slogdet(zeros({0, 0})).sign.item(), 1.0);
  EXPECT_EQ(slogdet(zeros({0, 0})).logabsdet.item(), 0.0);
}

}  // namespace
}  // namespace sigmagrad::linalg
