// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::error_of;
using testing::same;

Tensor matrix() { return tensor({1, 2, 3, 4}, {2, 2}); }

TEST(InPlace, ChangesEveryEntry) {
  Tensor x = matrix();
  EXPECT_TRUE(same(x.add_(1.0), tensor({2, 3, 4, 5}, {2, 2})));
  EXPECT_TRUE(same(x.sub_(2.0), tensor({0, 1, 2, 3}, {2, 2})));
  EXPECT_TRUE(same(x.mul_(2.0), tensor({0, 2, 4, 6}, {2, 2})));
  EXPECT_TRUE(same(x.add_(matrix()), tensor({1, 4, 7, 10}, {2, 2})));
  EXPECT_TRUE(same(x.sub_(matrix()), tensor({0, 2, 4, 6}, {2, 2})));
  EXPECT_TRUE(same(x.mul_(matrix()), tensor({0, 4, 12, 24}, {2, 2})));
  EXPECT_TRUE(same(x.copy_(matrix()), matrix()));
  EXPECT_TRUE(same(x.fill_(3.0), full({2, 2}, 3.0)));
  EXPECT_TRUE(same(x.zero_(), zeros({2, 2})));
  x += matrix();
  x *= matrix();
  x -= matrix();
  EXPECT_TRUE(same(x, tensor({0, 2, 6, 12}, {2, 2})));
}

TEST(InPlace, WorksInSinglePrecision) {
  Tensor x = ones({2}, f32);
  x.add_(1.5).mul_(full({2}, 2.0, f32));
  EXPECT_TRUE(same(x, full({2}, 5.0, f32)));
}

TEST(InPlace, TheOperandBroadcasts) {
  Tensor x = matrix();
  x.add_(tensor({10, 20}, {2}));
  EXPECT_TRUE(same(x, tensor({11, 22, 13, 24}, {2, 2})));
  x.copy_(full({1}, 2.0));
  EXPECT_TRUE(same(x, full({2, 2}, 2.0)));
  EXPECT_EQ(error_of([&] { x.add_(ones({2, 2, 2})); }), "add_: [2, 2, 2] does not broadcast to [2, 2]");
  EXPECT_EQ(error_of([&] { x.mul_(ones({3})); }), "mul_: shapes do not broadcast: [2, 2] and [3]");
  EXPECT_EQ(error_of([&] { x.copy_(ones({2}, f32)); }), "copy_: dtypes differ: f64 and f32 (convert one with to())");
  EXPECT_TRUE(same(x, full({2, 2}, 2.0)));
}

TEST(InPlace, TheOperandMayBeTheTargetItself) {
  Tensor x = matrix();
  x.add_(x);
  EXPECT_TRUE(same(x, 2.0 * matrix()));
  x.copy_(x);
  x.mul_(x);
  EXPECT_TRUE(same(x, 4.0 * matrix() * matrix()));
  x.sub_(x.t());
  EXPECT_TRUE(same(x, tensor({0, -20, 20, 0}, {2, 2})));
  x.copy_(x.t());
  EXPECT_TRUE(same(x, tensor({0, 20, -20, 0}, {2, 2})));
  x.add_(x.select(0, 0));
  EXPECT_TRUE(same(x, tensor({0, 40, -20, 20}, {2, 2})));
  x.sub_(x.reshape({2, 2}));
  EXPECT_TRUE(same(x, zeros({2, 2})));
}

TEST(InPlace, ALeafThatRequiresGradNeedsNoGrad) {
  Tensor w = matrix().requires_grad_();
  const auto message = [](const std::string& name) {
    return name + ": an in-place change of a leaf that requires grad needs a NoGrad guard";
  };
  EXPECT_EQ(error_of([&] { w.add_(1.0); }), message("add_"));
  EXPECT_EQ(error_of([&] { w.sub_(matrix()); }), message("sub_"));
  EXPECT_EQ(error_of([&] { w.mul_(2.0); }), message("mul_"));
  EXPECT_EQ(error_of([&] { w.zero_(); }), message("fill_"));
  EXPECT_EQ(error_of([&] { w.copy_(matrix()); }), message("copy_"));
  EXPECT_TRUE(same(w, matrix()));
  const NoGrad guard;
  w.mul_(2.0);
  EXPECT_TRUE(same(w, 2.0 * matrix()));
  EXPECT_TRUE(w.requires_grad());
}

TEST(InPlace, BackwardNamesWhoseSavedValueWasOverwritten) {
  Tensor w = matrix().requires_grad_(), x = matrix();
  const auto message = [](const std::string& name) {
    return "backward: a value that " + name + " saved for its gradient was overwritten by an in-place operation";
  };
  const Tensor product = (w * x).sum();
  x.add_(1.0);
  EXPECT_EQ(error_of([&] { product.backward(); }), message("mul"));
  Tensor e = exp(w);
  const Tensor of_output = e.sum();
  e.zero_();
  EXPECT_EQ(error_of([&] { grad(of_output + e.sum(), {w}); }), message("exp"));
  const Tensor of_matmul = matmul(w, x).sum();
  x.mutable_data<double>()[0] = 5.0;
  EXPECT_EQ(error_of([&] { of_matmul.backward(); }), message("matmul"));
  EXPECT_FALSE(w.grad().defined());
}

TEST(InPlace, AWriteThatNoGradientSeesIsFine) {
  Tensor w = matrix().requires_grad_(), x = matrix();
  const Tensor loss = (w + x).sum();
  x.zero_();
  loss.backward();
  EXPECT_TRUE(same(w.grad(), ones({2, 2})));
}

TEST(InPlace, AWrittenTransposeIsNoticedWhereItWasSaved) {
  Tensor w = matrix().requires_grad_(), x = matrix();
  x.add_(1.0);
  Tensor y = x.t();
  const Tensor loss = (w * y).sum();
  y.add_(1.0);
  EXPECT_NE(error_of([&] { loss.backward(); }), "no error");
}

TEST(InPlace, GradientsFlowThroughTarget) {
  Tensor w = matrix().requires_grad_();
  Tensor y = w * 1.0;
  y.add_(5.0).mul_(3.0).sub_(1.0);
  y.sum().backward();
  EXPECT_TRUE(same(w.grad(), full({2, 2}, 3.0)));
}

TEST(InPlace, GradientsFlowThroughOperand) {
  Tensor w = matrix().requires_grad_(), row = tensor({2, 5}, {2}).requires_grad_();
  Tensor x = matrix();
  x.mul_(w).sub_(row).add_(w).mul_(row);  // (x w - row + w) row
  EXPECT_TRUE(x.requires_grad());
  x.sum().backward();
  EXPECT_TRUE(same(w.grad(), tensor({4, 15, 8, 25}, {2, 2})));
  EXPECT_TRUE(same(row.grad(), tensor({2 + 12 - 8, 6 + 20 - 20}, {2})));
}

TEST(InPlace, GradientsFlowWhereOperandIsTarget) {
  Tensor w = matrix().requires_grad_();
  Tensor y = w * 1.0;
  y.mul_(y).add_(y);  // 2 w^2
  y.sum().backward();
  EXPECT_TRUE(same(w.grad(), 4.0 * matrix()));
  w.zero_grad();
  Tensor z = w * 1.0;
  z.sub_(z.t());
  (z * tensor({1, 10, 100, 1000}, {2, 2})).sum().backward();
  EXPECT_TRUE(same(w.grad(), tensor({0, -90, 90, 0}, {2, 2})));
}

TEST(InPlace, CopyTakesTheOperandsHistory) {
  Tensor w = matrix().requires_grad_(), row = tensor({2, 5}, {2}).requires_grad_();
  Tensor y = w * 2.0;
  y.copy_(row);
  EXPECT_TRUE(same(y, tensor({2, 5, 2, 5}, {2, 2})));
  square(y).sum().backward();
  EXPECT_FALSE(w.grad().defined());
  EXPECT_TRUE(same(row.grad(), tensor({8, 20}, {2})));
}

TEST(InPlace, FillEndsTheHistory) {
  Tensor w = matrix().requires_grad_();
  Tensor y = w * 2.0;
  y.zero_();
  EXPECT_FALSE(y.requires_grad());
}

TEST(InPlace, SecondDerivativesGoThrough) {
  Tensor w = matrix().requires_grad_();
  Tensor y = square(w);
  y.mul_(w);  // w^3
  const auto [g] = grad(y.sum(), {w}, {.create_graph = true});
  const auto [h] = grad(g.sum(), {w});
  EXPECT_TRUE(same(h, 6.0 * matrix()));
}

}  // namespace
}  // namespace sigmagrad
