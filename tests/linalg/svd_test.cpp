// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/graph/gradcheck.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
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
  Generator generator(7);
  return randn(shape, generator, dtype);
}

Tensor product(const SVD& factors) { return matmul(factors.U * factors.S.unsqueeze(-2), factors.Vt); }

class OfShape : public ::testing::TestWithParam<Shape> {};
INSTANTIATE_TEST_SUITE_P(
    Svd, OfShape, ::testing::Values(Shape{2, 2}, Shape{4, 4}, Shape{5, 3}, Shape{3, 5}, Shape{1, 4}, Shape{4, 1}),
    [](const auto& test) { return std::to_string(test.param[0]) + "x" + std::to_string(test.param[1]); });

TEST_P(OfShape, FactorsMultiplyToTheMatrixAndAreOrthonormal) {
  for (const auto dtype : {f64, f32}) {
    const double tolerance = dtype == f64 ? 1e-14 : 1e-6;
    const auto w = random(GetParam(), dtype);
    const auto factors = svd(w);
    const auto identity = eye(factors.S.size(-1), dtype);
    EXPECT_TRUE(close(product(factors), w, 4 * tolerance));
    EXPECT_TRUE(close(matmul(factors.U.t(), factors.U), identity, 4 * tolerance));
    EXPECT_TRUE(close(matmul(factors.Vt, factors.Vt.t()), identity, 4 * tolerance));
    EXPECT_TRUE(same(svdvals(w), factors.S));
  }
}

TEST_P(OfShape, AMatrixOfABatchHasTheBitsItHasAlone) {
  const auto single = random(GetParam());
  const auto batch = stack({random(GetParam()) * 3.0, single, random(GetParam()) - 1.0}).unsqueeze(0);
  const auto alone = svd(single), together = svd(batch);
  const auto middle = [](const Tensor& x) { return x.select(0, 0).select(0, 1); };
  EXPECT_TRUE(same(middle(together.U), alone.U));
  EXPECT_TRUE(same(middle(together.S), alone.S));
  EXPECT_TRUE(same(middle(together.Vt), alone.Vt));
  EXPECT_TRUE(same(middle(svdvals(batch)), alone.S));
}

TEST_P(OfShape, GradientsOfTheSingularValues) {
  const auto f = [](const Tensor& w) { return svdvals(w); };
  gradcheck(f, {random(GetParam())});
  gradgradcheck(f, {random(GetParam())});
}

// U and Vt are free up to the sign of each pair: the functions below do not depend on it.
TEST_P(OfShape, GradientsOfTheVectors) {
  const auto weights = random({8, 8});
  const auto weighted = [&](const Tensor& x) {
    return square(x * weights.narrow(0, 0, x.size(0)).narrow(1, 0, x.size(1)));
  };
  const auto u = [&](const Tensor& w) { return weighted(svd(w).U); };
  const auto v = [&](const Tensor& w) { return weighted(svd(w).Vt); };
  const auto pairs = [](const Tensor& w) {
    const auto [U, S, Vt] = svd(w);
    return matmul(U * log(S).unsqueeze(-2), Vt);
  };
  const auto gram = [](const Tensor& w) {
    const auto [U, S, Vt] = svd(w);
    return matmul(U * square(S).unsqueeze(-2), U.t());
  };
  gradcheck(u, {random(GetParam())});
  gradcheck(v, {random(GetParam())});
  gradcheck(pairs, {random(GetParam())});
  gradcheck(gram, {random(GetParam())});
  gradgradcheck(u, {random(GetParam())});
  gradgradcheck(v, {random(GetParam())});
  gradgradcheck(pairs, {random(GetParam())});
  gradgradcheck(gram, {random(GetParam())});
}

TEST(Svd, ReconstructionHasTheGradientOfTheIdentityMap) {
  const auto w = random({2, 4, 3}).requires_grad_();
  const auto weights = random({2, 4, 3}) + 1.0;
  const auto [g] = grad(sum(product(svd(w)) * weights), {w});
  EXPECT_TRUE(close(g, weights, 1e-12));
}

TEST(Svd, GradientsInABatchAreThoseOfItsMatrices) {
  const auto batch = random({3, 4, 2}).requires_grad_();
  const auto [together] = grad(sum(square(svdvals(batch))), {batch});
  EXPECT_TRUE(close(together, 2.0 * batch, 1e-13));
}

// Ties. The singular vectors are arbitrary there; symmetric functions of the values have gradients all the same.
TEST(Svd, NuclearNormAtTheIdentity) {
  const auto w = eye(3).requires_grad_();
  const auto [g] = grad(sum(svdvals(w)), {w}, {.create_graph = true});
  EXPECT_TRUE(same(g, eye(3)));
  const auto x = random({3, 3});
  const auto [hx] = grad(sum(g * x), {w});
  EXPECT_TRUE(close(hx, (x - x.t()) / 2.0, 1e-14));
}

TEST(Svd, SquaredFrobeniusNormAtTies) {
  const auto w = (3.0 * eye(4).narrow(1, 0, 3)).detach().requires_grad_();
  const auto [g] = grad(sum(square(svdvals(w))), {w});
  EXPECT_TRUE(same(g, 2.0 * w));
}

TEST(Svd, ZeroSingularValuesHaveFiniteDerivatives) {
  const auto column = random({4, 1}), row = random({1, 3});
  for (const Tensor& start : {zeros({3, 3}), matmul(column, row), matmul(row.t(), column.t())}) {
    const auto w = start.detach().requires_grad_();
    const auto [g] = grad(sum(svdvals(w)), {w}, {.create_graph = true});
    EXPECT_EQ(min(isfinite(g)).item(), 1.0);
    const auto [h] = grad(sum(square(g)), {w});
    EXPECT_EQ(min(isfinite(h)).item(), 1.0);
    const auto [U, S, Vt] = svd(w);
    const auto [gu] = grad(sum(U * U) + sum(Vt), {w});
    EXPECT_EQ(min(isfinite(gu)).item(), 1.0);
  }
}

TEST(Svd, MatricesWithoutEntries) {
  EXPECT_EQ(svdvals(zeros({2, 0, 3})).shape(), Shape({2, 0}));
  EXPECT_EQ(svdvals(zeros({0, 3, 3})).shape(), Shape({0, 3}));
  const auto factors = svd(zeros({3, 0}));
  EXPECT_EQ(factors.U.shape(), Shape({3, 0}));
  EXPECT_EQ(factors.Vt.shape(), Shape({0, 0}));
}

TEST(Svd, ErrorsNameTheFunctionThatWasCalled) {
  const auto nan = full({2, 3, 3}, std::numeric_limits<double>::quiet_NaN());
  const auto infinite = full({2, 2}, std::numeric_limits<double>::infinity());
  EXPECT_EQ(error_of([&] { svdvals(nan); }), "svdvals: input has non-finite entries");
  EXPECT_EQ(error_of([&] { svdvals(infinite); }), "svdvals: input has non-finite entries");
  EXPECT_EQ(error_of([&] { svd(nan); }), "svd: input has non-finite entries");
  EXPECT_EQ(error_of([] { svdvals(zeros({3})); }), "svdvals: needs a matrix, got [3]");
  EXPECT_EQ(error_of([] { svd(zeros({})); }), "svd: needs a matrix, got []");
  EXPECT_NE(error_of([] { svdvals(Tensor()); }), "no error");
}

}  // namespace
}  // namespace sigmagrad::linalg
