// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/products.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::close;
using testing::same;

TEST(Arranging, FreeFunctionsAreTheMembers) {
  const Tensor x = arange(12.0).reshape({3, 1, 4});
  EXPECT_TRUE(same(reshape(x, {2, -1}), x.reshape({2, 6})));
  EXPECT_TRUE(same(reshape(x, Shape{4, 3}), x.reshape({4, 3})));
  EXPECT_TRUE(same(t(x), x.t()));
  EXPECT_TRUE(same(transpose(x, 0, -1), x.transpose(0, -1)));
  EXPECT_TRUE(same(permute(x, {2, 0, 1}), x.permute({2, 0, 1})));
  EXPECT_TRUE(same(permute(x, std::vector<int>{2, 0, 1}), x.permute({2, 0, 1})));
  EXPECT_TRUE(same(flatten(x), x.flatten()));
  EXPECT_TRUE(same(squeeze(x), x.squeeze()));
  EXPECT_TRUE(same(squeeze(x, 1), x.squeeze(1)));
  EXPECT_TRUE(same(unsqueeze(x, 0), x.unsqueeze(0)));
  EXPECT_TRUE(same(expand(x, {-1, 2, -1}), x.expand({-1, 2, -1})));
  EXPECT_TRUE(same(select(x, 0, 1), x.select(0, 1)));
  EXPECT_TRUE(same(narrow(x, 2, 1, 2), x.narrow(2, 1, 2)));
}

// Positions that Python's x[start:stop:step] takes of n.
std::vector<double> taken(std::int64_t n, std::int64_t start, std::int64_t stop, std::int64_t step) {
  const auto bound = [n](std::int64_t b) { return b < 0 ? std::max<std::int64_t>(b + n, 0) : std::min(b, n); };
  std::vector<double> positions;
  for (auto i = bound(start); i < bound(stop); i += step) positions.push_back(static_cast<double>(i));
  return positions;
}

TEST(Arranging, SlicesAsPythonDoes) {
  for (std::int64_t n = 0; n < 5; ++n)
    for (std::int64_t start = -6; start < 7; ++start)
      for (std::int64_t stop = -6; stop < 7; ++stop)
        for (std::int64_t step = 1; step < 4; ++step)
          EXPECT_EQ(slice(arange(static_cast<double>(n)), 0, start, stop, step).to_vector(),
                    taken(n, start, stop, step))
              << n << ": " << start << ' ' << stop << ' ' << step;
  EXPECT_EQ(slice(arange(3.0), 0, INT64_MIN, INT64_MAX, INT64_MAX).to_vector(), std::vector<double>{0.0});
}

TEST(Arranging, AWriteToASliceLeavesItsSourceAlone) {
  const Tensor x = arange(4.0);
  Tensor all = slice(x, 0, 0, 4), rolled = roll(x, 4, 0), kept = permute(x, {0}), once = repeat(x, {1});
  for (Tensor* value : {&all, &rolled, &kept, &once}) value->zero_();
  EXPECT_TRUE(same(x, arange(4.0)));
}

TEST(Arranging, PermutesInOneCopyAndBack) {
  const Tensor x = randn({2, 3, 4, 5}).requires_grad_();
  const Tensor y = permute(x, {3, 1, 0, 2});
  EXPECT_EQ(y.shape(), Shape({5, 3, 2, 4}));
  EXPECT_TRUE(same(permute(y, {2, 1, 3, 0}), x));
  const auto [g] = grad((y * y).sum(), {x});
  EXPECT_TRUE(same(g, 2.0 * x));
}

TEST(Arranging, RepeatsTensorsOfEightAxes) {
  const Tensor x = arange(256.0).reshape({2, 2, 2, 2, 2, 2, 2, 2}), twice = repeat(x, {2, 1, 1, 1, 1, 1, 1, 2});
  EXPECT_EQ(twice.shape(), Shape({4, 2, 2, 2, 2, 2, 2, 4}));
  EXPECT_TRUE(same(twice.narrow(0, 2, 2).narrow(7, 2, 2), x));
  EXPECT_EQ(repeat(x, {1, 1, 1, 1, 1, 1, 1, 0}).numel(), 0);
}

TEST(Arranging, GridsOfThree) {
  const auto grid = meshgrid({arange(2.0), arange(3.0), tensor({7.0}, {})}, Indexing::XY);
  ASSERT_EQ(grid.size(), 3u);
  for (const auto& coordinate : grid) EXPECT_EQ(coordinate.shape(), Shape({3, 2, 1}));
  EXPECT_TRUE(same(grid[0].squeeze(2), tensor({{0, 1}, {0, 1}, {0, 1}})));
  EXPECT_TRUE(same(grid[1].squeeze(2), tensor({{0, 0}, {1, 1}, {2, 2}})));
}

TEST(Arranging, LabelsMayBeAList) {
  EXPECT_TRUE(same(one_hot(std::vector<std::int64_t>{1, 0}, 3), tensor({{0, 1, 0}, {1, 0, 0}})));
  EXPECT_EQ(one_hot(std::vector<std::int64_t>{1}, 3, f32).dtype(), f32);
  EXPECT_EQ(one_hot(ones({2}, f32), 3).dtype(), f32);
}

TEST(TensorProducts, BroadcastBatches) {
  const Tensor a = randn({4, 1, 2, 3}), b = randn({5, 3, 2}), x = randn({4, 1, 3}), y = randn({5, 3});
  const Tensor k = kron(a, b);
  EXPECT_EQ(k.shape(), Shape({4, 5, 6, 6}));
  EXPECT_TRUE(same(k.select(0, 3).select(0, 2), kron(a.select(0, 3).squeeze(0), b.select(0, 2))));
  EXPECT_EQ(dot(x, y).shape(), Shape({4, 5}));
  EXPECT_TRUE(close(dot(x, y), (x * y).sum(-1), 1e-14));
  EXPECT_EQ(multi_dot({a, b, randn({2, 1})}).shape(), Shape({4, 5, 2, 1}));
}

TEST(TensorProducts, EinsumIsAValue) {
  const Tensor x = arange(6.0).reshape({2, 3});
  Tensor y = einsum("ij->ij", {x}), z = einsum("ij->ji", {x});
  y.zero_();
  z.zero_();
  EXPECT_TRUE(same(x, arange(6.0).reshape({2, 3})));
}

// 10 x 1000 x 10 x 1000: from the left 200000 multiplications, by way of [1000, 1000] twenty million.
TEST(TensorProducts, MultiDotTakesTheCheapOrder) {
  const Tensor a = randn({10, 1000}), b = randn({1000, 10}), c = randn({10, 1000}), v = randn({1000});
  EXPECT_TRUE(same(multi_dot({a, b, c}), matmul(matmul(a, b), c)));
  EXPECT_TRUE(same(multi_dot({b, a, v}), matmul(b, matmul(a, v))));
}

}  // namespace
}  // namespace sigmagrad
