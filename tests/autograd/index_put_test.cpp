// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/expect.hpp>

// What a write by index shares with the other writes in place.
namespace sigmagrad {
namespace {

using testing::error_of;
using testing::same;
using Positions = std::vector<std::int64_t>;

Tensor matrix() { return tensor({{1, 2}, {3, 4}, {5, 6}}); }

TEST(IndexPut, WritesSlicesAndReturnsTheTarget) {
  Tensor x = matrix();
  EXPECT_TRUE(index_put_(x, 0, Positions{2, 0}, tensor({{10, 20}, {30, 40}})).is(x));
  EXPECT_TRUE(same(x, tensor({{30, 40}, {3, 4}, {10, 20}})));
  index_put_(x, -1, tensor({1.0}), tensor({5.0}, {}));
  EXPECT_TRUE(same(x, tensor({{30, 5}, {3, 5}, {10, 5}})));
  index_put_(x, 0, Positions{}, zeros({0, 2}));
  EXPECT_TRUE(same(x, tensor({{30, 5}, {3, 5}, {10, 5}})));
}

TEST(IndexPut, TheLastOfEqualIndicesStays) {
  Tensor x = matrix();
  index_put_(x, 0, Positions{1, 1}, tensor({{7, 8}, {9, 10}}));
  EXPECT_TRUE(same(x, tensor({{1, 2}, {9, 10}, {5, 6}})));
  EXPECT_TRUE(same(x, index_put(matrix(), 0, Positions{1, 1}, tensor({{7, 8}, {9, 10}}))));
}

TEST(IndexPut, ValuesMayBeTheTargetsOwn) {
  Tensor x = matrix();
  index_put_(x, 0, Positions{2, 1, 0}, x);
  EXPECT_TRUE(same(x, tensor({{5, 6}, {3, 4}, {1, 2}})));
  index_put_(x, 0, Positions{1, 2}, x.narrow(0, 0, 2));
  EXPECT_TRUE(same(x, tensor({{5, 6}, {5, 6}, {3, 4}})));
  Tensor square = tensor({{1, 2}, {3, 4}});
  index_put_(square, 0, Positions{1, 0}, square.t());
  EXPECT_TRUE(same(square, tensor({{2, 4}, {1, 3}})));
}

TEST(IndexPut, LeavesValuesOfTheTargetAlone) {
  Tensor x = matrix();
  const Tensor old = x.reshape({6}), turned = x.t();
  index_put_(x, 0, Positions{0}, zeros({2}));
  EXPECT_TRUE(same(old, matrix().reshape({6})));
  EXPECT_TRUE(same(turned, matrix().t()));
  Tensor view = x.reshape({2, 3});
  index_put_(view, 0, Positions{0}, full({3}, 9.0));
  EXPECT_TRUE(same(x, tensor({{0, 0}, {3, 4}, {5, 6}})));
}

TEST(IndexPut, BackwardNoticesTheWrite) {
  Tensor w = matrix().requires_grad_(), x = matrix();
  const Tensor product = (w * x).sum();
  index_put_(x, 0, Positions{0}, zeros({2}));
  EXPECT_EQ(error_of([&] { product.backward(); }),
            "backward: a value that mul saved for its gradient was overwritten by an in-place operation");
}

TEST(IndexPut, ALeafNeedsNoGrad) {
  Tensor w = matrix().requires_grad_();
  EXPECT_EQ(error_of([&] { index_put_(w, 0, Positions{0}, zeros({2})); }),
            "index_put_: an in-place change of a leaf that requires grad needs a NoGrad guard");
  const NoGrad guard;
  index_put_(w, 0, Positions{0}, zeros({2}));
  EXPECT_TRUE(same(w, tensor({{0, 0}, {3, 4}, {5, 6}})));
  EXPECT_TRUE(w.requires_grad());
}

TEST(IndexPut, GradientsFlowThroughTargetAndValues) {
  Tensor w = matrix().requires_grad_(), v = tensor({{7, 8}, {9, 10}}).requires_grad_();
  Tensor x = w * 2.0;
  index_put_(x, 0, Positions{1, 1}, v);
  square(x).sum().backward();
  EXPECT_TRUE(same(w.grad(), tensor({{8, 16}, {0, 0}, {40, 48}})));
  EXPECT_TRUE(same(v.grad(), tensor({{0, 0}, {18, 20}})));
  Tensor plain = zeros({3, 2});
  index_put_(plain, 0, Positions{2}, v.narrow(0, 0, 1));
  EXPECT_TRUE(plain.requires_grad());
  Tensor own = w * 1.0;
  index_put_(own, 0, Positions{0, 1, 2}, own);
  w.zero_grad();
  own.sum().backward();
  EXPECT_TRUE(same(w.grad(), ones({3, 2})));
}

TEST(IndexPut, AWrongCallChangesNothing) {
  Tensor x = matrix();
  const auto expect = [&](const std::string& message, const auto& call) {
    EXPECT_EQ(error_of(call), message);
    EXPECT_TRUE(same(x, matrix())) << message;
  };
  expect("index_put_: index 3 is out of range for an axis of 3", [&] {
    index_put_(x, 0, Positions{0, 3}, zeros({2}));
  });
  expect("index_put_: index 3 is out of range for an axis of 3", [&] {
    index_put_(x, 0, tensor({0.0, 3.0}), zeros({2}));
  });
  expect("index_put_: shapes do not broadcast: [2, 2] and [3]", [&] { index_put_(x, 0, Positions{0, 1}, zeros({3})); });
  expect("index_put_: values [3, 1, 2] do not broadcast to the slices [1, 2]", [&] {
    index_put_(x, 0, Positions{0}, zeros({3, 1, 2}));
  });
  expect("index_put_: dtypes differ: f64 and f32 (convert one with to())",
         [&] { index_put_(x, 0, Positions{0}, zeros({2}, f32)); });
  expect("index_put_: axis 2 is out of range for 2 axes", [&] { index_put_(x, 2, Positions{0}, zeros({2})); });
}

TEST(IndexPut, AReplayReadsIndicesAndValues) {
  Tensor x = zeros({3}), indices = tensor({0.0}), values = tensor({1.0});
  auto step = capture([&] { index_put_(x, 0, indices, values); });
  step();
  indices.fill_(2.0);
  values.fill_(5.0);
  step();
  EXPECT_TRUE(same(x, tensor({1.0, 0.0, 5.0})));
  indices.fill_(7.0);
  EXPECT_EQ(error_of([&] { step(); }), "index_put_: index 7 is out of range for an axis of 3");
}

}  // namespace
}  // namespace sigmagrad
