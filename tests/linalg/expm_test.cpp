// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/graph/gradcheck.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/expm.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/golden.hpp>

namespace sigmagrad::linalg {
namespace {

using testing::close;
using testing::error_of;
using testing::golden;
using testing::golden_tensor;
using testing::same;

constexpr double infinity = std::numeric_limits<double>::infinity();

Tensor matrix(const std::vector<double>& entries) {
  const auto n = std::lround(std::sqrt(static_cast<double>(entries.size())));
  return tensor(entries, {n, n});
}

// Whether every entry is right to a part of itself; zeros and infinities are to be met.
void expect_entries(const Tensor& actual, const Tensor& expected, double tolerance, const std::string& name) {
  const auto x = actual.data<double>(), y = expected.data<double>();
  for (std::size_t i = 0; i < y.size(); ++i)
    EXPECT_TRUE(x[i] == y[i] || std::abs(x[i] - y[i]) <= tolerance * std::abs(y[i]))
        << name << ", entry " << i << ": " << x[i] << ", expected " << y[i];
}

TEST(Expm, NonNormalMatricesAndTheirDerivatives) {
  const auto file = golden("expm.json");
  for (const auto& item : file["cases"]) {
    const auto name = item["name"].get<std::string>();
    const auto tolerance = item["tolerance"].get<std::vector<double>>();
    const auto A = golden_tensor(item["A"]).requires_grad_();
    expect_entries(expm(A.detach()), golden_tensor(item["value"]), tolerance[0], name);
    const auto [gradient] = grad(sum(expm(A) * golden_tensor(item["g"])), {A}, {.create_graph = true});
    EXPECT_TRUE(close(gradient, golden_tensor(item["gradient"]), tolerance[1])) << name;
    const auto [second] = grad(sum(gradient * golden_tensor(item["f"])), {A});
    EXPECT_TRUE(close(second, golden_tensor(item["second"]), tolerance[2])) << name;
  }
}

TEST(Expm, ZerosThatTheMatrixImpliesAreExact) {
  Generator generator(3);
  for (const std::int64_t n : {3, 10, 40}) {
    const auto noise = randn({n, n}, generator);
    std::vector<double> entries(noise.data<double>().begin(), noise.data<double>().end());
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t j = 0; j < i; ++j) entries[static_cast<std::size_t>(i * n + j)] = 0.0;
    for (const double size : {0.01, 1.0, 100.0}) {
      const auto A = size * tensor(entries, {n, n});
      const auto X = expm(A), Y = expm(A.t());
      for (std::int64_t i = 0; i < n; ++i) {
        for (std::int64_t j = 0; j < i; ++j) {
          EXPECT_EQ(X.select(0, i).select(0, j).item(), 0.0);
          EXPECT_EQ(Y.select(0, j).select(0, i).item(), 0.0);
        }
        const double a = size * entries[static_cast<std::size_t>(i * n + i)];
        EXPECT_EQ(X.select(0, i).select(0, i).item(), std::exp(a));
      }
    }
  }
}

TEST(Expm, OutOfRange) {
  const double e = std::exp(1.0);
  const auto check = [](const Tensor& A, const Tensor& expected) {
    expect_entries(expm(A), expected, 1e-14, A.shape().str());
  };
  check(matrix({1e5, 0, 0, 1}), matrix({infinity, 0, 0, e}));
  check(matrix({-1e300, 0, 0, 1}), matrix({0, 0, 0, e}));
  check(matrix({1000, -1, -1, -1000}), matrix({infinity, -infinity, -infinity, infinity}));
  check(matrix({1000, 1000, -1000, 1000}), matrix({infinity, infinity, -infinity, infinity}));  // cos, sin > 0
  check(matrix({0, 1e300, 0, 0}), matrix({1, 1e300, 0, 1}));
  check(matrix({1, 1e200, 0, 0, 1, 1e200, 0, 0, 1}), matrix({e, 1e200 * e, infinity, 0, e, 1e200 * e, 0, 0, e}));
  check(matrix({1, 2, 3, 0, 1, 2, 0, 0, 1000}), matrix({e, 2 * e, infinity, 0, e, infinity, 0, 0, infinity}));
  check(matrix({-800, 1e200, 0, -800}), matrix({0, 1e200 * std::exp(-400) * std::exp(-400), 0, 0}));
  EXPECT_EQ(expm(tensor({100.0}, {1, 1}, f32)).item(), infinity);

  const auto A = matrix({-1e300, 0, 0, 1}).requires_grad_();
  EXPECT_TRUE(close(grad(sum(expm(A)), {A})[0], matrix({0, 0, 0, e}), 1e-14));
  const auto B = matrix({709, 0, 0, -709}).requires_grad_();  // which fits
  const double large = std::exp(709.0), between = large / 1418, small = std::exp(-709.0);
  expect_entries(grad(sum(expm(B)), {B})[0], matrix({large, between, between, small}), 1e-13, "gradient");
  const double c = 1e250;
  const auto C = matrix({0, c, 0, 0}).requires_grad_();
  expect_entries(grad(sum(expm(C)), {C})[0], matrix({c / 2, 1, infinity, c / 2}), 1e-13, "gradient");
}

TEST(Expm, FloatsAreComputedInDouble) {
  const auto A = matrix({-1, 1e6, 0, 0, -2, 1e6, 0, 0, -3});
  EXPECT_TRUE(same(expm(A.to(f32)), expm(A).to(f32)));
}

TEST(Expm, BitsDependOnNeitherBatchNorReplay) {
  Generator generator(5);
  std::vector<Tensor> matrices{matrix({1, 1.2e9, 0, 1}), matrix({0, 0, 0, 0}), matrix({-49, 24, -64, 31}),
                               matrix({0.1, 0.2, 0.3, 0.4}), matrix({1000, 1, 1, -1000})};
  for (const double size : {1e-3, 1.0, 1e3}) matrices.push_back(size * randn({2, 2}, generator));
  auto x = zeros({2, 2});
  const auto w = randn({2, 2}, generator);
  Tensor value, gradient;
  auto step = capture([&] {
    const auto leaf = (1.0 * x).requires_grad_();
    const auto y = expm(leaf);
    gradient = grad(sum(y * w), {leaf})[0];
    value = y.detach();
  });
  std::vector<Tensor> rows;
  for (const auto& A : matrices) {
    const auto leaf = A.clone().requires_grad_();
    const auto y = expm(leaf);
    {
      const NoGrad no_grad;
      x.copy_(A);
    }
    step();
    expect_entries(value, y.detach(), 0.0, "value");
    expect_entries(gradient, grad(sum(y * w), {leaf})[0], 0.0, "gradient");
    rows.push_back(A.unsqueeze(0));
  }
  const auto batch = expm(cat(rows, 0).reshape({2, 4, 2, 2}));
  for (std::size_t i = 0; i < rows.size(); ++i)
    expect_entries(batch.reshape({8, 2, 2}).select(0, static_cast<std::int64_t>(i)), expm(matrices[i]), 0.0, "batch");
}

TEST(Expm, DerivativesOfOrderThreeAtNonNormalMatrices) {
  for (const auto& A : {matrix({1, 50, 0, -1}), matrix({0, 9, 0, 0, 0, 9, 0, 0, 0}), matrix({3, 40, -0.1, 2})}) {
    testing::gradcheck(expm, {A});
    testing::gradgradcheck(expm, {A});
    const auto slope = [](const Tensor& x) {
      return grad(sum(sigmagrad::square(expm(x))), {x}, {.create_graph = true})[0];
    };
    testing::gradgradcheck(slope, {A});
  }
}

TEST(Expm, IncomingGradientsOfAnySize) {
  const auto A = matrix({1, 1e4, 0, -3}).requires_grad_();
  const auto g = matrix({0.5, -1, 2, 0.25});
  const auto expected = grad(sum(expm(A) * g), {A})[0];
  const double small = std::ldexp(1.0, -900), large = std::ldexp(1.0, 900);
  EXPECT_TRUE(same(grad(sum(expm(A) * (small * g)), {A})[0], small * expected));
  EXPECT_TRUE(same(grad(sum(expm(A) * (large * g)), {A})[0], large * expected));
  EXPECT_EQ(error_of([&] { grad(sum(expm(A) * (infinity * g)), {A}); }), "expm: input has non-finite entries");
}

}  // namespace
}  // namespace sigmagrad::linalg
