// SPDX-License-Identifier: BSD-3-Clause
// The ends of the Hessian's spectrum, where it is known in closed form or from a dense eigendecomposition.
#include <algorithm>
#include <cmath>

#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/curvature.hpp>
#include <sigmagrad/linalg/detail/tridiagonal.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::error_of;

class HessianExtremes : public ::testing::Test {
 protected:
  Generator generator{5};
};

// 0.5 x' Q diag(eigenvalues) Q' x, with an orthogonal Q.
auto quadratic(const Tensor& eigenvalues, Generator& generator) {
  const std::int64_t n = eigenvalues.numel();
  const auto Q = linalg::svd(randn({n, n}, generator)).U;
  const auto A = matmul(Q * eigenvalues, Q.t());
  return [A](const Tensor& x) { return 0.5 * (x * matmul(A, x)).sum(); };
}

TEST_F(HessianExtremes, AreTheEigenvaluesOfAnIndefiniteQuadratic) {
  const auto f = quadratic(tensor({-3, -1, 0, 0.5, 2, 7}, {6}), generator);
  const auto [smallest, largest, iterations, error] = hessian_extremes(f, randn({6}, generator));
  EXPECT_NEAR(smallest, -3.0, 1e-12);
  EXPECT_NEAR(largest, 7.0, 1e-12);
  EXPECT_EQ(iterations, 6);
  EXPECT_EQ(error, 0.0);
}

TEST_F(HessianExtremes, StopWhereTheSpaceIsInvariant) {
  auto eigenvalues = ones({40});
  eigenvalues.mutable_data<double>()[7] = -2.0;
  eigenvalues.mutable_data<double>()[8] = 3.0;
  const auto found = hessian_extremes(quadratic(eigenvalues, generator), zeros({40}), {.tolerance = 0.0});
  EXPECT_NEAR(found.smallest, -2.0, 1e-12);
  EXPECT_NEAR(found.largest, 3.0, 1e-12);
  EXPECT_LE(found.iterations, 5);  // three eigenvalues
}

TEST_F(HessianExtremes, MultiplesOfTheIdentityAndZero) {
  const auto x = randn({3, 4}, generator);
  const auto bowl = hessian_extremes([](const Tensor& z) { return square(z).sum(); }, x);
  EXPECT_NEAR(bowl.smallest, 2.0, 1e-14);
  EXPECT_NEAR(bowl.largest, 2.0, 1e-14);
  EXPECT_EQ(bowl.iterations, 1);
  const auto plane = hessian_extremes([](const Tensor& z) { return z.sum(); }, x);
  EXPECT_EQ(plane.smallest, 0.0);
  EXPECT_EQ(plane.largest, 0.0);
  EXPECT_EQ(plane.iterations, 1);
  const auto definite = hessian_extremes([](const Tensor& z) { return -1.0 * square(z).sum(); }, x);
  EXPECT_NEAR(definite.largest, -2.0, 1e-14);
}

TEST_F(HessianExtremes, OneParameter) {
  const auto found = hessian_extremes([](const Tensor& z) { return (z * z * z).sum(); }, full({1}, -2.0));
  EXPECT_NEAR(found.smallest, -12.0, 1e-14);
  EXPECT_NEAR(found.largest, -12.0, 1e-14);
  EXPECT_EQ(found.iterations, 1);
}

TEST_F(HessianExtremes, OfALossInItsParameters) {
  const auto a = randn({3, 2}, generator).requires_grad_(), b = randn({2, 3}, generator).requires_grad_();
  const auto target = randn({3, 3}, generator);
  const auto loss = [&] { return mean(square(tanh(matmul(a, b)) - target)); };
  const auto H = hessian(loss, {a, b});
  const auto row = [&](std::size_t i) { return cat({H[i][0].reshape({6, 6}), H[i][1].reshape({6, 6})}, 1); };
  const auto dense = cat({row(0), row(1)});
  const double shift = linalg::svdvals(dense).data<double>()[0];  // H + shift I and shift I - H are not negative
  const double largest = linalg::svdvals(dense + shift * eye(12)).data<double>()[0] - shift;
  const double smallest = shift - linalg::svdvals(shift * eye(12) - dense).data<double>()[0];
  ASSERT_LT(smallest, -0.01);
  const auto found = hessian_extremes(loss, {a, b});
  EXPECT_NEAR(found.smallest, smallest, 1e-8);
  EXPECT_NEAR(found.largest, largest, 1e-8);
  const auto again = hessian_extremes(HessianOperator(loss(), {a, b}), {.seed = 9});
  EXPECT_NEAR(again.smallest, smallest, 1e-8);
  EXPECT_FALSE(a.grad().defined());
}

TEST_F(HessianExtremes, ConvergesLongBeforeTheDimension) {
  std::vector<double> eigenvalues(200);
  for (std::size_t i = 0; i < 200; ++i) eigenvalues[i] = static_cast<double>(i) / 199.0;
  eigenvalues[0] = -1.5;
  eigenvalues[199] = 4.0;
  const auto f = quadratic(tensor(eigenvalues, {200}), generator);
  const auto found = hessian_extremes(f, zeros({200}));
  EXPECT_NEAR(found.smallest, -1.5, 4e-8);
  EXPECT_NEAR(found.largest, 4.0, 4e-8);
  EXPECT_LE(found.error, 4e-8);
  EXPECT_LT(found.iterations, 40);
  const auto rough = hessian_extremes(f, zeros({200}), {.steps = 6});
  EXPECT_EQ(rough.iterations, 6);
  EXPECT_GT(rough.error, 4e-8);
  EXPECT_LE(std::abs(rough.largest - 4.0), rough.error);
}

TEST_F(HessianExtremes, DependOnTheSeedAlone) {
  const auto f = quadratic(tensor({-3, -1, 0, 0.5, 2, 7}, {6}), generator);
  const auto at = [&](std::uint64_t seed) {
    return hessian_extremes(f, zeros({6}), {.steps = 3, .seed = seed}).largest;
  };
  EXPECT_EQ(at(1), at(1));
  EXPECT_NE(at(1), at(2));
}

TEST_F(HessianExtremes, SinglePrecision) {
  const auto weights = tensor({-1, 2, 5}, {3}, f32);
  const auto found = hessian_extremes([&](const Tensor& z) { return (weights * square(z)).sum(); }, zeros({3}, f32));
  EXPECT_NEAR(found.smallest, -2.0, 1e-5);
  EXPECT_NEAR(found.largest, 10.0, 1e-5);
}

TEST_F(HessianExtremes, MisuseIsNamed) {
  const auto f = [](const Tensor& z) { return square(z).sum(); };
  const auto x = ones({2});
  EXPECT_EQ(error_of([&] { hessian_extremes(f, x, {.steps = 0}); }), "hessian_extremes: steps must be >= 1 (got 0)");
  EXPECT_EQ(error_of([&] { hessian_extremes(f, x, {.tolerance = -1}); }),
            "hessian_extremes: tolerance must be >= 0 (got -1)");
  EXPECT_EQ(error_of([&] { hessian_extremes(f, zeros({0})); }), "hessian_extremes: the inputs have no entries");
  EXPECT_EQ(error_of([&] { hessian_extremes([](const Tensor& z) { return square(z); }, x); }),
            "hessian_extremes: the function must return one entry, got [2]");
  EXPECT_EQ(error_of([&] { hessian_extremes([](const Tensor& z) { return pow(z, 1.5).sum(); }, zeros({2})); }),
            "hessian_extremes: a Hessian-vector product is not finite");
  auto step = capture([&] { hessian_extremes(f, x); });
  EXPECT_EQ(error_of([&] { step(); }),
            "hessian_extremes: not in the body of a captured step, which replays tensor operations only; the number of "
            "products depends on values");
}

TEST(Tridiagonal, SmallestAndLargestEigenvalueWithTheVectorsLastEntry) {
  // The second difference: 2 - 2 cos(k pi / (n + 1)), vectors sqrt(2 / (n + 1)) sin(i k pi / (n + 1)).
  const std::size_t n = 30;
  const std::vector<double> diagonal(n, 2.0), beside(n - 1, -1.0);
  const double angle = std::acos(-1.0) / (n + 1.0), last = std::sqrt(2.0 / (n + 1.0)) * std::sin(angle);
  const auto low = linalg::detail::smallest_of_tridiagonal(diagonal, beside, 1.0);
  EXPECT_NEAR(low.value, 2.0 - 2.0 * std::cos(angle), 1e-14);
  EXPECT_NEAR(low.last, last, 1e-10);
  const auto high = linalg::detail::smallest_of_tridiagonal(diagonal, beside, -1.0);
  EXPECT_NEAR(-high.value, 2.0 + 2.0 * std::cos(angle), 1e-14);
  EXPECT_NEAR(high.last, last, 1e-10);
  const auto one = linalg::detail::smallest_of_tridiagonal(std::vector<double>{-3.0}, {}, 1.0);
  EXPECT_EQ(one.value, -3.0);
  EXPECT_EQ(one.last, 1.0);
}

}  // namespace
}  // namespace sigmagrad
