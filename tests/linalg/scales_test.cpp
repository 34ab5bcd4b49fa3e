// SPDX-License-Identifier: BSD-3-Clause
// Derivatives of matrices near the ends of the range of their dtype, and of singular ones.
#include <functional>

#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/decompositions.hpp>
#include <sigmagrad/linalg/solve.hpp>
#include <sigmagrad/linalg/spectral_functions.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::linalg {
namespace {

using testing::close;
using testing::error_of;

// f(s w) = s^degree f(w) for the scale s that f is told.
struct Scaled {
  const char* name;
  std::function<Tensor(const Tensor& w, double s)> f;
  int degree;
};

Tensor random(const Shape& shape, Dtype dtype, std::uint64_t seed) {
  Generator generator(seed);
  return randn(shape, generator, dtype);
}

// A function of x without symmetries that does not depend on the signs of its entries.
Tensor of_squares(const Tensor& x) { return sum(random(x.shape(), x.dtype(), 3) * square(x)); }
Tensor of_entries(const Tensor& x) { return sum(random(x.shape(), x.dtype(), 3) * x); }

Tensor square_part(const Tensor& w) {
  const auto k = std::min(w.size(-1), w.size(-2));
  return w.narrow(-1, 0, k).narrow(-2, 0, k);
}

const std::vector<Scaled> functions{
    {"U", [](const Tensor& w, double) { return of_squares(svd(w).U); }, 0},
    {"Vt", [](const Tensor& w, double) { return of_squares(svd(w).Vt); }, 0},
    {"eigenvectors", [](const Tensor& w, double) { return of_squares(eigh(square_part(w)).eigenvectors); }, 0},
    {"polar_factor", [](const Tensor& w, double) { return of_entries(polar_factor(w)); }, 0},
    {"low_rank_approximation", [](const Tensor& w, double) { return of_entries(low_rank_approximation(w, 1)); }, 1},
    {"prox_nuclear", [](const Tensor& w, double s) { return of_entries(prox_nuclear(w, s)); }, 1},
    {"pinv", [](const Tensor& w, double) { return of_entries(pinv(w)); }, -1},
    {"Q", [](const Tensor& w, double) { return of_squares(qr(w).Q); }, 0},
};

struct Derivatives {
  Tensor first, second;
};

// The derivatives of f at s w, each in the units in which it does not depend on s; f64. The output counts in units of
// s^degree, so that no derivative but the last leaves the range.
Derivatives derivatives(const Scaled& f, const Tensor& w, double s, bool twice) {
  const auto x = (w * s).detach().requires_grad_();
  const auto value = f.f(x, s) * (f.degree > 0 ? 1.0 / s : f.degree < 0 ? s : 1.0);
  const auto g = grad(value, {x}, {.create_graph = twice})[0] * s;
  if (!twice) return {g.to(f64), {}};
  return {g.detach().to(f64), (grad(of_entries(g), {x})[0] * s).to(f64)};
}

const std::vector<Shape> shapes{{4, 4}, {5, 3}, {3, 5}, {2, 2}, {2, 4, 3}};

TEST(Scales, FirstDerivativesScale) {
  for (const auto& [dtype, scales, tolerance] :
       {std::tuple{f64, std::vector{1e160, 1e-170}, 1e-9}, std::tuple{f32, std::vector{1e20, 1e-20}, 1e-2}})
    for (const auto& f : functions)
      for (const auto& shape : shapes) {
        const auto w = random(shape, dtype, 1);
        const auto expected = derivatives(f, w, 1.0, false).first;
        for (const double s : scales) {
          const auto actual = derivatives(f, w, s, false).first;
          EXPECT_TRUE(close(actual, expected, tolerance)) << f.name << ' ' << dtype << ' ' << shape << ' ' << s;
        }
      }
}

TEST(Scales, SecondDerivativesScale) {
  for (const auto& [dtype, scales, tolerance] :
       {std::tuple{f64, std::vector{1e160, 1e-170}, 1e-8}, std::tuple{f32, std::vector{1e20, 1e-20}, 3e-2}})
    for (const auto& f : functions)
      for (const auto& shape : shapes) {
        const auto w = random(shape, dtype, 1);
        const auto expected = derivatives(f, w, 1.0, true).second;
        for (const double s : scales) {
          const auto actual = derivatives(f, w, s, true).second;
          EXPECT_TRUE(close(actual, expected, tolerance)) << f.name << ' ' << dtype << ' ' << shape << ' ' << s;
        }
      }
}

TEST(Singular, GradientsOfDependentColumnsAreErrors) {
  const auto message = [](const Tensor& w) {
    const auto x = w.detach().requires_grad_();
    return error_of([&] { grad(of_entries(qr(x).R), {x}); }).substr(0, 58);
  };
  const std::string refused = "qr: no gradient where the matrix is singular up to roundin";
  for (const auto dtype : {f64, f32}) {
    EXPECT_EQ(message(ones({3, 2}, dtype)), refused);
    EXPECT_EQ(message(zeros({2, 2}, dtype)), refused);
    EXPECT_EQ(message(matmul(random({6, 2}, dtype, 1), random({2, 4}, dtype, 2))), refused);
    EXPECT_EQ(message(matmul(random({40, 10}, dtype, 1), random({10, 30}, dtype, 2))), refused);
    EXPECT_EQ(message(cat({ones({2, 2}, dtype), random({2, 3}, dtype, 1)}, -1)), refused);  // wide
    EXPECT_EQ(message(stack({random({3, 2}, dtype, 1), ones({3, 2}, dtype)}, 0)), refused);
    EXPECT_EQ(message(random({3, 3}, dtype, 1)), "no error");
    EXPECT_EQ(message(diag(tensor({1.0, 1e-30}, {2}).to(dtype))), "no error");  // small, and independent
  }
}

TEST(Singular, GradientOfDependentColumnsIsAnErrorAtReplayToo) {
  const auto w = random({3, 2}, f64, 1).requires_grad_();
  auto step = capture([&] { return grad(sum(qr(w).R), {w})[0]; });
  step();
  w.detach().copy_(ones({3, 2}));
  EXPECT_EQ(error_of([&] { step(); }).substr(0, 58), "qr: no gradient where the matrix is singular up to roundin");
}

TEST(Singular, CholeskyHasNoGradientAtRounding) {
  const auto message = [](const Tensor& a) {
    const auto x = a.detach().requires_grad_();
    return error_of([&] { grad(of_entries(cholesky(x)), {x}); }).substr(0, 58);
  };
  for (const auto dtype : {f64, f32}) {
    const double e = dtype == f64 ? 2.3e-16 : 1.2e-7;
    EXPECT_EQ(message(tensor({1.0, 1.0, 1.0, 1.0 + e}, {2, 2}).to(dtype)),
              "cholesky: no gradient where the matrix is singular up to r");
    EXPECT_EQ(message(tensor({1.0, 1.0, 1.0, 1.0 + 16 * e}, {2, 2}).to(dtype)), "no error");
    EXPECT_EQ(message(diag(tensor({1.0, 1e-30}, {2}).to(dtype))), "no error");
  }
}

// log(0) above the diagonal has the gradient 0/0, which belongs to no entry of the matrix.
TEST(Singular, WhatStandsBesideATriangleDoesNotReachTheGradient) {
  const auto x = tensor({4.0, 2.0, 2.0, 3.0}, {2, 2}).requires_grad_();
  const auto log_of_diagonal = [](const Tensor& triangle) { return sum(where(eye(2), log(abs(triangle)), 0.0)); };
  EXPECT_TRUE(close(grad(log_of_diagonal(cholesky(x)), {x})[0], 0.5 * inv(x.detach()), 1e-14));
  EXPECT_TRUE(close(grad(log_of_diagonal(qr(x).R), {x})[0], inv(x.detach()).t(), 1e-14));
}

}  // namespace
}  // namespace sigmagrad::linalg
