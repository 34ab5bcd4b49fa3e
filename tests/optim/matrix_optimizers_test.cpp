// SPDX-License-Identifier: BSD-3-Clause
// Optimisers that PyTorch's data do not have, against loops over plain arrays.
#include <array>
#include <cmath>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::optim {
namespace {

using testing::close;
using testing::error_of;
using testing::same;

// A row-major matrix without a library.
struct Matrix {
  std::size_t rows, cols;
  std::vector<double> at;

  Matrix(std::size_t m, std::size_t n) : rows(m), cols(n), at(m * n) {}
  explicit Matrix(const Tensor& t) : Matrix(static_cast<std::size_t>(t.size(0)), static_cast<std::size_t>(t.size(1))) {
    for (std::size_t i = 0; i < at.size(); ++i) at[i] = t.data<double>()[i];
  }
  double& operator()(std::size_t i, std::size_t j) { return at[i * cols + j]; }
  double operator()(std::size_t i, std::size_t j) const { return at[i * cols + j]; }
  Tensor tensor() const {
    return sigmagrad::tensor(at, {static_cast<std::int64_t>(rows), static_cast<std::int64_t>(cols)});
  }
};

Matrix times(const Matrix& a, const Matrix& b) {
  Matrix c(a.rows, b.cols);
  for (std::size_t i = 0; i < a.rows; ++i)
    for (std::size_t j = 0; j < b.cols; ++j)
      for (std::size_t k = 0; k < a.cols; ++k) c(i, j) += a(i, k) * b(k, j);
  return c;
}
Matrix transposed(const Matrix& a) {
  Matrix c(a.cols, a.rows);
  for (std::size_t i = 0; i < a.rows; ++i)
    for (std::size_t j = 0; j < a.cols; ++j) c(j, i) = a(i, j);
  return c;
}
Matrix sum(double x, const Matrix& a, double y, const Matrix& b) {
  Matrix c(a.rows, a.cols);
  for (std::size_t i = 0; i < a.at.size(); ++i) c.at[i] = x * a.at[i] + y * b.at[i];
  return c;
}
double squares(const Matrix& a) {
  double total = 0.0;
  for (const double x : a.at) total += x * x;
  return total;
}
Matrix identity(std::size_t n, double value) {
  Matrix c(n, n);
  for (std::size_t i = 0; i < n; ++i) c(i, i) = value;
  return c;
}

// a^(-1/2) of a symmetric positive definite a by the iteration of Denman and Beavers 1976, for which this suffices.
Matrix inverse(const Matrix& a);
Matrix inverse_square_root(const Matrix& a) {
  Matrix y = a, z = identity(a.rows, 1.0);
  for (int i = 0; i < 60; ++i) {
    const Matrix next = sum(0.5, y, 0.5, inverse(z));
    z = sum(0.5, z, 0.5, inverse(y));
    y = next;
  }
  return z;
}
// Gauss and Jordan, without pivots: a is positive definite.
Matrix inverse(const Matrix& a) {
  Matrix left = a, right = identity(a.rows, 1.0);
  for (std::size_t k = 0; k < a.rows; ++k) {
    const double pivot = left(k, k);
    for (std::size_t j = 0; j < a.rows; ++j) {
      left(k, j) /= pivot;
      right(k, j) /= pivot;
    }
    for (std::size_t i = 0; i < a.rows; ++i) {
      if (i == k) continue;
      const double factor = left(i, k);
      for (std::size_t j = 0; j < a.rows; ++j) {
        left(i, j) -= factor * left(k, j);
        right(i, j) -= factor * right(k, j);
      }
    }
  }
  return right;
}

// Steps of an optimiser with given gradients, and what `reference(p, g, t)` makes of the same.
template <class Reference>
void expect_steps(Optimizer& optimizer, Tensor p, Reference reference, double tolerance) {
  Generator generator(11);
  Matrix expected(p);
  for (int t = 1; t <= 6; ++t) {
    const auto grad = randn(p.shape(), generator);
    p.set_grad(grad);
    optimizer.step();
    reference(expected, Matrix(grad), t);
    EXPECT_TRUE(close(p.detach(), expected.tensor(), tolerance)) << "step " << t;
  }
}

Tensor parameter(const Shape& shape) {
  Generator generator(7);
  return randn(shape, generator).requires_grad_();
}

Matrix newton_schulz(const Matrix& m, int steps) {
  Matrix x = sum(1.0 / std::sqrt(squares(m)), m, 0.0, m);
  for (int i = 0; i < steps; ++i) {
    const Matrix first = times(times(x, transposed(x)), x), second = times(times(x, transposed(x)), first);
    x = sum(1.0, sum(3.4445, x, -4.7750, first), 2.0315, second);
  }
  return x;
}

TEST(Muon, StepsOfWideAndTallMatrices) {
  for (const Shape& shape : {Shape{3, 5}, Shape{6, 2}}) {
    const auto p = parameter(shape);
    Muon optimizer({p}, {.lr = 0.1, .momentum = 0.9, .ns_steps = 4, .weight_decay = 0.2});
    Matrix buffer(static_cast<std::size_t>(shape[0]), static_cast<std::size_t>(shape[1]));
    const double scale = std::sqrt(std::max(1.0, static_cast<double>(shape[0]) / static_cast<double>(shape[1])));
    expect_steps(
        optimizer, p,
        [&](Matrix& w, const Matrix& g, int) {
          buffer = sum(0.9, buffer, 1.0, g);
          w = sum(1.0 - 0.1 * 0.2, w, -0.1 * scale, newton_schulz(sum(1.0, g, 0.9, buffer), 4));
        },
        1e-12);
  }
}

TEST(Muon, ExactStepsAreOrthogonal) {
  auto p = parameter({5, 3});
  const auto before = p.detach().clone();
  Muon optimizer({p}, {.lr = 1.0, .nesterov = false, .exact = true});
  p.set_grad(parameter({5, 3}).detach() * 1e-9);
  optimizer.step();
  const auto O = (before - p.detach()) / std::sqrt(5.0 / 3.0);
  EXPECT_TRUE(close(matmul(O.t(), O), eye(3), 1e-12));
  const auto along = matmul(O.t(), p.grad());  // symmetric and positive: the polar factor
  EXPECT_TRUE(close(along, along.t(), 1e-9));
  EXPECT_GT(linalg::eigh(along).eigenvalues.select(0, 0).item(), 0.0);
}

TEST(Muon, LeavesDirectionsWithoutGradientAlone) {
  auto p = parameter({4, 4});
  const auto before = p.detach().clone();
  const auto u = parameter({4, 1}).detach(), v = parameter({1, 4}).detach();
  for (const bool exact : {false, true}) {
    Muon optimizer({p}, {.lr = 1.0, .nesterov = false, .exact = exact});
    p.set_grad(zeros({4, 4}));
    optimizer.step();
    EXPECT_TRUE(same(p.detach(), before)) << exact;
    p.set_grad(matmul(u, v));
    optimizer.step();
    const auto O = before - p.detach();
    EXPECT_NEAR(linalg::norm(O, 2).item(), 1.0, exact ? 1e-12 : 0.35);
    EXPECT_LT(linalg::svdvals(O).select(0, 1).item(), 1e-12);
    const NoGrad guard;
    p.copy_(before);
  }
}

TEST(Muon, RefusesWhatItCannotTrain) {
  auto w = parameter({2, 3}), bias = parameter({3});
  EXPECT_EQ(error_of([&] {
              Muon({w, bias});
            }),
            "Muon: parameters must be matrices (got [3]); give the others to another optimiser");
  EXPECT_EQ(error_of([&] {
              Muon({{.params = {w}}, {.params = {bias}}});
            }),
            "Muon: parameters must be matrices (got [3]); give the others to another optimiser");
  EXPECT_EQ(error_of([&] { Muon({w}, {.momentum = 1.0}); }), "Muon: momentum must be in [0, 1) (got 1)");
  EXPECT_EQ(error_of([&] { Muon({w}, {.ns_steps = 0}); }), "Muon: ns_steps must be >= 1 (got 0)");
  EXPECT_EQ(error_of([&] { Muon({w}, {.weight_decay = -1}); }), "Muon: weight_decay must be >= 0 (got -1)");
  EXPECT_EQ(error_of([&] { Muon({w}, {.lr = -1}); }), "Muon: lr must be >= 0 (got -1)");
  Muon exact({w}, {.exact = true});
  w.set_grad(full({2, 3}, std::nan("")));
  EXPECT_EQ(
      error_of([&] { exact.step(); }),
      "Muon: the gradient of parameter 0 [2, 3] has an entry of nan, expected one with which the f64 numbers that "
      "the optimiser keeps stay finite");
}

TEST(Shampoo, StepsOfMatrices) {
  for (const int every : {1, 2}) {
    const auto p = parameter({3, 4});
    Shampoo optimizer({p}, {.lr = 0.1, .momentum = 0.5, .weight_decay = 0.2, .eps = 0.1, .update_every = every});
    Matrix left = identity(3, 0.1), right = identity(4, 0.1), left_root(3, 3), right_root(4, 4), buffer(3, 4);
    expect_steps(
        optimizer, p,
        [&](Matrix& w, const Matrix& grad, int t) {
          const Matrix g = sum(1.0, grad, 0.2, w);
          left = sum(1.0, left, 1.0, times(g, transposed(g)));
          right = sum(1.0, right, 1.0, times(transposed(g), g));
          if ((t - 1) % every == 0) {  // a^(-1/4) is the inverse square root of a^(1/2) = (a^-1)^(-1/2)
            left_root = inverse_square_root(inverse_square_root(inverse(left)));
            right_root = inverse_square_root(inverse_square_root(inverse(right)));
          }
          buffer = sum(0.5, buffer, 1.0, times(times(left_root, g), right_root));
          w = sum(1.0, w, -0.1, buffer);
        },
        1e-9);
  }
}

TEST(Shampoo, AVectorHasOneSide) {
  auto p = parameter({4, 1}), vector = p.detach().reshape({4}).clone().requires_grad_();
  Shampoo optimizer({vector}, {.lr = 0.1, .eps = 0.1});
  Matrix left = identity(4, 0.1), w(p);
  Generator generator(11);
  for (int t = 0; t < 5; ++t) {
    const auto grad = randn({4}, generator);
    vector.set_grad(grad);
    optimizer.step();
    const Matrix g(grad.reshape({4, 1}).clone());
    left = sum(1.0, left, 1.0, times(g, transposed(g)));
    w = sum(1.0, w, -0.1, times(inverse_square_root(left), g));
    EXPECT_TRUE(close(vector.detach(), w.tensor().reshape({4}), 1e-9));
  }
}

TEST(Shampoo, AScalarIsAdagrad) {
  auto scalar = tensor({2.0}, {}).requires_grad_();
  Shampoo optimizer({scalar}, {.lr = 0.5, .eps = 1e-2});
  scalar.set_grad(tensor({3.0}, {}));
  optimizer.step();
  EXPECT_NEAR(scalar.item(), 2.0 - 0.5 * 3.0 / std::sqrt(9.01), 1e-14);
}

TEST(Shampoo, RefusesBadOptions) {
  const auto p = parameter({2, 2});
  const auto message = [&](ShampooOptions o) { return error_of([&] { Shampoo({p}, o); }); };
  EXPECT_EQ(message({.lr = -1}), "Shampoo: lr must be >= 0 (got -1)");
  EXPECT_EQ(message({.momentum = -1}), "Shampoo: momentum must be >= 0 (got -1)");
  EXPECT_EQ(message({.weight_decay = -1}), "Shampoo: weight_decay must be >= 0 (got -1)");
  EXPECT_EQ(message({.eps = 0}), "Shampoo: eps must be > 0 (got 0)");
  EXPECT_EQ(message({.update_every = 0}), "Shampoo: update_every must be >= 1 (got 0)");
}

TEST(GroupRMSprop, OneRateAGroupOrAParameter) {
  for (const bool per_parameter : {false, true}) {
    const auto a = parameter({2, 3}), b = parameter({3, 1}), alone = parameter({2, 2});
    GroupRMSprop optimizer({{.params = {a, b}}, {.params = {alone}, .lr = 0.3}},
                           {.lr = 0.1, .alpha = 0.8, .eps = 1e-3, .per_parameter = per_parameter});
    std::array<Matrix, 3> expected{Matrix(a), Matrix(b), Matrix(alone)};
    std::array<double, 3> v{};
    Generator generator(5);
    for (int t = 1; t <= 5; ++t) {
      const std::array<Tensor, 3> params{a, b, alone};
      std::vector<Matrix> g;
      for (Tensor p : params) {
        p.set_grad(randn(p.shape(), generator));
        g.emplace_back(p.grad());
      }
      optimizer.step();
      const double joint = squares(g[0]) + squares(g[1]);
      for (std::size_t i = 0; i < 3; ++i) {
        v[i] = 0.8 * v[i] + 0.2 * (i < 2 && !per_parameter ? joint : squares(g[i]));
        const double rate = (i < 2 ? 0.1 : 0.3) / (std::sqrt(v[i] / (1.0 - std::pow(0.8, t))) + 1e-3);
        expected[i] = sum(1.0, expected[i], -rate, g[i]);
        EXPECT_TRUE(close(params[i].detach(), expected[i].tensor(), 1e-12)) << "parameter " << i << " step " << t;
      }
    }
  }
}

TEST(GroupRMSprop, ModelsOfABatchHaveTheirOwnRates) {
  const auto a = parameter({3, 2, 4}), b = parameter({3, 5});
  GroupRMSprop together({a, b}, {.lr = 0.1, .batch_axes = 1});
  std::vector<Tensor> parts;
  for (const auto& whole : {a, b}) parts.push_back(whole.detach().narrow(0, 1, 1).clone().requires_grad_());
  GroupRMSprop alone(parts, {.lr = 0.1, .batch_axes = 1});
  Generator generator(5);
  for (int t = 0; t < 3; ++t) {
    for (Tensor p : {a, b}) p.set_grad(randn(p.shape(), generator));
    parts[0].set_grad(a.grad().narrow(0, 1, 1).clone());
    parts[1].set_grad(b.grad().narrow(0, 1, 1).clone());
    together.step();
    alone.step();
  }
  EXPECT_TRUE(same(a.detach().narrow(0, 1, 1), parts[0].detach()));
  EXPECT_TRUE(same(b.detach().narrow(0, 1, 1), parts[1].detach()));
}

TEST(GroupRMSprop, RefusesBadOptions) {
  const auto p = parameter({2, 3}), other = parameter({4, 3}), scalar = tensor({1.0}, {}).requires_grad_();
  const auto message = [&](GroupRMSpropOptions o) { return error_of([&] { GroupRMSprop({p, other}, o); }); };
  EXPECT_EQ(message({.lr = -1}), "GroupRMSprop: lr must be >= 0 (got -1)");
  EXPECT_EQ(message({.alpha = 1}), "GroupRMSprop: alpha must be in [0, 1) (got 1)");
  EXPECT_EQ(message({.eps = -1}), "GroupRMSprop: eps must be >= 0 (got -1)");
  EXPECT_EQ(message({.batch_axes = -1}), "GroupRMSprop: batch_axes must be >= 0 (got -1)");
  EXPECT_EQ(message({.batch_axes = 1}), "GroupRMSprop: every parameter must have the batch axes [2] (got [4, 3])");
  EXPECT_EQ(error_of([&] { GroupRMSprop({scalar}, {.batch_axes = 1}); }),
            "GroupRMSprop: batch_axes is 1, but a parameter has the shape []");
}

TEST(MatrixOptimizers, ABadGradientDoesNotPoisonTheState) {
  const auto expect_recovery = [](auto&& optimizer, Tensor w) {
    w.set_grad(full({2, 2}, std::nan("")));
    EXPECT_NE(testing::error_of([&] { optimizer.step(); }), "no error");
    w.set_grad(eye(2));
    EXPECT_NO_THROW(optimizer.step());
    EXPECT_EQ(isfinite(w.detach()).sum().item(), 4.0);
  };
  const Tensor first = ones({2, 2}).requires_grad_(), second = ones({2, 2}).requires_grad_();
  expect_recovery(Muon({first}, {.exact = true}), first);
  expect_recovery(Shampoo({second}, {.update_every = 3}), second);
}

TEST(MatrixOptimizers, MuonStepsAlikeForTinyAndHugeGradients) {
  const auto change = [](double size, Dtype dtype) {
    Tensor w = zeros({3, 2}, dtype).requires_grad_();
    w.set_grad((size * tensor({1, 2, -3, 4, 5, -6}, {3, 2})).to(dtype));
    Muon({w}).step();
    return w.detach().to(f64);
  };
  for (const double size : {1e-23, 1e18})
    EXPECT_TRUE(testing::close(change(size, f32), change(1.0, f64), 1e-5)) << size;
  for (const double size : {1e-200, 1e160})
    EXPECT_TRUE(testing::close(change(size, f64), change(1.0, f64), 1e-12)) << size;
}

}  // namespace
}  // namespace sigmagrad::optim
