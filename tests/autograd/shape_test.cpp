// SPDX-License-Identifier: BSD-3-Clause
#include <sstream>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/tensor/shape.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::error_of;

TEST(Shape, CountsAndPrints) {
  const Shape shape{64, 32, 2};
  EXPECT_EQ(shape.rank(), 3);
  EXPECT_EQ(shape.numel(), 4096);
  EXPECT_EQ(shape[0], 64);
  EXPECT_EQ(shape[-1], 2);
  std::ostringstream text;
  text << shape << Shape{} << Shape{5};
  EXPECT_EQ(text.str(), "[64, 32, 2][][5]");
  EXPECT_EQ(Shape{}.numel(), 1);
  EXPECT_EQ((Shape{3, 0}.numel()), 0);
}

TEST(Shape, Compares) {
  EXPECT_EQ((Shape{2, 3}), (Shape{2, 3}));
  EXPECT_NE((Shape{2, 3}), (Shape{3, 2}));
  EXPECT_NE((Shape{6}), (Shape{2, 3}));
  EXPECT_NE((Shape{2}), (Shape{2, 1}));
  EXPECT_NE((Shape{0, 2}), (Shape{0, 3}));
}

TEST(Shape, ChangesByAxis) {
  const Shape shape{2, 3, 4};
  EXPECT_EQ(shape.with(-1, 7), (Shape{2, 3, 7}));
  EXPECT_EQ(shape.without(0), (Shape{3, 4}));
  EXPECT_EQ(shape.without(-1), (Shape{2, 3}));
  EXPECT_EQ(shape.inserted(0, 5), (Shape{5, 2, 3, 4}));
  EXPECT_EQ(shape.inserted(-1, 5), (Shape{2, 3, 4, 5}));
  EXPECT_EQ(shape.swapped(0, -1), (Shape{4, 3, 2}));
  EXPECT_EQ(shape.head(2), (Shape{2, 3}));
  EXPECT_EQ(shape.tail(1), (Shape{3, 4}));
  EXPECT_EQ(shape.head(0), Shape{});
  EXPECT_EQ(shape.tail(3), Shape{});
}

TEST(Shape, RefusesImpossibleSizes) {
  EXPECT_EQ(error_of([] { Shape{2, -1}; }), "shape: sizes must be >= 0, got [2, -1]");
  EXPECT_EQ(error_of([] { Shape{1, 1, 1, 1, 1, 1, 1, 1, 1}; }), "shape: at most 8 axes, got 9");
  EXPECT_EQ(error_of([] { Shape({1, 1, 1, 1, 1, 1, 1, 1}).inserted(0, 1); }), "shape: at most 8 axes, got 9");
  constexpr std::int64_t large = std::int64_t{1} << 32;
  EXPECT_EQ(error_of([] { Shape{large, large}; }), "shape: too many entries: [4294967296, 4294967296]");
  EXPECT_EQ(error_of([] { Shape{large << 29}; }), "shape: too many entries: [2305843009213693952]");
  EXPECT_EQ(error_of([] { Shape{large}.with(0, -3); }), "shape: sizes must be >= 0, got [-3]");
}

TEST(Shape, BroadcastsAsInNumPy) {
  const auto broadcast = [](const Shape& a, const Shape& b) { return engine::broadcast_shapes("add", a, b); };
  EXPECT_EQ(broadcast({2, 3}, {3}), (Shape{2, 3}));
  EXPECT_EQ(broadcast({3, 1}, {1, 4}), (Shape{3, 4}));
  EXPECT_EQ(broadcast({}, {2}), (Shape{2}));
  EXPECT_EQ(broadcast({0}, {1}), (Shape{0}));
  EXPECT_EQ(broadcast({5, 1, 2}, {3, 1}), (Shape{5, 3, 2}));
  EXPECT_EQ(error_of([&] { broadcast({2, 3}, {2}); }), "add: shapes do not broadcast: [2, 3] and [2]");
  EXPECT_EQ(error_of([&] { broadcast({0}, {2}); }), "add: shapes do not broadcast: [0] and [2]");
}

TEST(Shape, NormalisesAxes) {
  EXPECT_EQ(engine::normalize_axis("sum", -1, 3), 2);
  EXPECT_EQ(engine::normalize_axis("sum", 0, 3), 0);
  EXPECT_EQ(error_of([] { engine::normalize_axis("sum", 3, 3); }), "sum: axis 3 is out of range for 3 axes");
  EXPECT_EQ(error_of([] { engine::normalize_axis("sum", -4, 3); }), "sum: axis -4 is out of range for 3 axes");
}

}  // namespace
}  // namespace sigmagrad
