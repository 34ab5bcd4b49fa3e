// SPDX-License-Identifier: BSD-3-Clause
#include <type_traits>

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

TEST(Error, IsARuntimeError) {
  static_assert(std::is_base_of_v<std::runtime_error, Error>);
  EXPECT_THROW(matmul(ones({2}), ones({3})), std::runtime_error);
}

TEST(Error, NamesOperationAndShapes) {
  EXPECT_EQ(error_of([] {
              matmul(ones({64, 32}), ones({64, 64}));
            }),
            "matmul: inner sizes differ: [64, 32] x [64, 64] (32 != 64)");
  EXPECT_EQ(error_of([] { ones({2, 3}).requires_grad_().backward(); }), "backward: needs a scalar, got [2, 3]");
  EXPECT_EQ(error_of([] { ones({2, 3}) + ones({4}); }), "add: shapes do not broadcast: [2, 3] and [4]");
  EXPECT_EQ(error_of([] {
              matmul(ones({2, 2}), ones({2, 2}, f32));
            }),
            "matmul: dtypes differ: f64 and f32 (convert one with to())");
}

TEST(Error, NamesTheOperationThatSavedAnOverwrittenValue) {
  Tensor w = ones({2}).requires_grad_();
  Tensor y = exp(w);
  const Tensor loss = (y * 2.0).sum();
  y.mul_(3.0);
  EXPECT_EQ(error_of([&] { grad(loss, {w}); }),
            "backward: a value that exp saved for its gradient was overwritten by an in-place operation");
}

TEST(Error, ComesBeforeAnythingIsChanged) {
  Tensor x = ones({2, 2}), w = ones({2, 2}).requires_grad_();
  EXPECT_NE(error_of([&] { x.add_(ones({3})); }), "no error");
  EXPECT_NE(error_of([&] { x.mul_(ones({2}, f32)); }), "no error");
  EXPECT_NE(error_of([&] { x.copy_(Tensor()); }), "no error");
  EXPECT_TRUE(same(x, ones({2, 2})));
  EXPECT_NE(error_of([&] { grad((w * x).sum(), {w, x}); }), "no error");
  EXPECT_NE(error_of([&] { (w * x).backward(); }), "no error");
  EXPECT_FALSE(w.grad().defined());
}

TEST(Error, LeavesTheThreadUsable) {
  Tensor w = full({2}, 3.0).requires_grad_();
  for (int i = 0; i < 3; ++i) EXPECT_NE(error_of([&] { (w * ones({5})).sum().backward(); }), "no error");
  square(w).sum().backward();
  EXPECT_TRUE(same(w.grad(), full({2}, 6.0)));
}

}  // namespace
}  // namespace sigmagrad
