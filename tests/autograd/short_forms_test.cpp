// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::close;
using testing::error_of;
using testing::same;

TEST(ShortForms, TensorsWithoutAShape) {
  EXPECT_EQ(tensor({{1, 2, 3}, {4, 5, 6}}).shape(), Shape({2, 3}));
  EXPECT_EQ(tensor({1.0, 2.0}).shape(), Shape({2}));
  EXPECT_EQ(tensor({5.0}, {}).shape(), Shape({}));
  EXPECT_EQ(tensor({5.0}).shape(), Shape({1}));
  EXPECT_EQ(tensor(0.5).shape(), Shape({}));
  EXPECT_EQ(tensor(3).item(), 3.0);
  EXPECT_EQ(tensor(0.5, f32).dtype(), f32);
  EXPECT_TRUE(same(tensor({1, 2, 3}, f32), tensor({1, 2, 3}, {3}, f32)));
  EXPECT_TRUE(same(tensor(std::vector<double>{1, 2}, f32), tensor({1, 2}, {2}, f32)));
  EXPECT_TRUE(same(tensor({{1, 2}, {3, 4}}, f32), tensor({1, 2, 3, 4}, {2, 2}, f32)));
  EXPECT_EQ(error_of([] { tensor({{1, 2}, {3}}); }), "tensor: rows have 2 and 1 entries");
}

TEST(ShortForms, NumbersAtEqualDistances) {
  EXPECT_TRUE(same(linspace(-1, 1, 5), tensor({-1, -0.5, 0, 0.5, 1})));
  EXPECT_TRUE(same(linspace(3, 5, 1), tensor({3.0})));
  EXPECT_EQ(linspace(0, 1, 0).shape(), Shape({0}));
  EXPECT_TRUE(same(linspace(1, 0, 3, f32), tensor({1, 0.5, 0}, f32)));
  EXPECT_EQ(linspace(0, 0.1, 7).select(0, 6).item(), 0.1);
  EXPECT_TRUE(close(linspace(-1.5e308, 1.5e308, 3), tensor({-1.5e308, 0, 1.5e308}), 1e-15));
  EXPECT_TRUE(close(logspace(-2, 1, 4), tensor({0.01, 0.1, 1, 10}), 1e-15));
  EXPECT_TRUE(same(logspace(0, 3, 4, 2.0, f32), tensor({1, 2, 4, 8}, f32)));
  EXPECT_EQ(error_of([] { linspace(0, 1, -1); }), "linspace: n must be >= 0 (got -1)");
  EXPECT_EQ(error_of([] { linspace(0, INFINITY, 3); }), "linspace: start and stop must be finite (got 0 and inf)");
  EXPECT_EQ(error_of([] { logspace(0, 1, -1); }), "logspace: n must be >= 0 (got -1)");
  EXPECT_EQ(error_of([] { logspace(0, 1, 3, -2.0); }), "logspace: base must be > 0 and finite (got -2)");
  EXPECT_EQ(error_of([] { logspace(0, NAN, 3); }), "logspace: start and stop must be finite (got 0 and nan)");
}

TEST(ShortForms, NumbersAsOperands) {
  const Tensor m = tensor({{1, 2, 3}, {4, 5, 6}});
  EXPECT_TRUE(same(maximum(m, 3.0), tensor({{3, 3, 3}, {4, 5, 6}})));
  EXPECT_TRUE(same(minimum(m, 3.0), tensor({{1, 2, 3}, {3, 3, 3}})));
  EXPECT_TRUE(same(where(m > 3.0, m, 0.0), tensor({{0, 0, 0}, {4, 5, 6}})));
  EXPECT_TRUE(same(where(m > 3.0, 0.0, m), tensor({{1, 2, 3}, {0, 0, 0}})));
  Tensor x = ones({2});
  x *= 3;
  x += 1;
  x -= 0.5;
  EXPECT_TRUE(same(x, full({2}, 3.5)));
  x /= 7;
  x /= full({2}, 0.25);
  EXPECT_TRUE(same(x, full({2}, 2.0)));
}

TEST(ShortForms, SeveralAxes) {
  const Tensor batch = arange(24).reshape({2, 3, 4});
  EXPECT_TRUE(same(sum(batch, {0, -1}), sum(sum(batch, 2), 0)));
  EXPECT_EQ(sum(batch, {0, 2}, true).shape(), Shape({1, 3, 1}));
  EXPECT_TRUE(close(mean(batch, {0, 1}), mean(batch.reshape({6, 4}), 0), 1e-15));
  EXPECT_EQ(error_of([&] { sum(batch, {1, -2}); }), "sum: axis -2 is given twice");
}

}  // namespace
}  // namespace sigmagrad
