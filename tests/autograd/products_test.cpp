// SPDX-License-Identifier: BSD-3-Clause
// Products beside zeros and infinities, and the entries of a column in their order.
#include <limits>

#include <sigmagrad/autograd/graph/gradcheck.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/sorting.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/jets.hpp>

namespace sigmagrad {
namespace {

using testing::entries_near;
using testing::error_of;
using testing::expect_jet;
using testing::same;

using X = const Tensor&;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

TEST(ColumnProducts, HaveTheirDerivativesBesideZeros) {
  const auto f = [](X x) { return prod(x); };
  expect_jet(f, {2, 3, 5}, {30, {15, 10, 6}, {0, 5, 3}});
  expect_jet(f, {0, 3, 5}, {0, {15, 0, 0}, {0, 5, 3}});
  expect_jet(f, {2, 0, 5}, {0, {0, 10, 0}, {0, 5, 0}});
  expect_jet(f, {0, 0, 5}, {0, {0, 0, 0}, {0, 5, 0}});
  expect_jet(f, {0, 0, 0}, {0, {0, 0, 0}, {0, 0, 0}});
  expect_jet(f, {7}, {7, {1}, {0}});
}

TEST(ColumnProducts, HaveAThirdDerivativeBesideZeros) {
  const Tensor x = zeros({3}).requires_grad_();
  const Tensor first = grad(prod(x), {x}, {.create_graph = true})[0];
  const Tensor second = grad(first.select(0, 0), {x}, {.create_graph = true})[0];
  EXPECT_TRUE(same(grad(second.select(0, 1), {x})[0], tensor({0, 0, 1})));
}

TEST(ColumnProducts, RunningOnesHaveTheirDerivativesBesideZeros) {
  const Tensor weights = tensor({1, 10, 100});
  const auto f = [&](X x) { return (cumprod(x, 0) * weights.to(x.dtype())).sum(); };
  expect_jet(f, {2, 3, 5}, {3062, {1531, 1020, 600}, {0, 510, 300}});
  expect_jet(f, {0, 3, 5}, {0, {1531, 0, 0}, {0, 510, 300}});
  expect_jet(f, {2, 0, 5}, {2, {1, 1020, 0}, {0, 510, 0}});
  expect_jet(f, {0, 0, 0}, {0, {1, 0, 0}, {0, 10, 0}});
  const auto smooth = [](X x) { return cumprod(x, 1); };
  testing::gradgradcheck(smooth, {tensor({{0.0, 2.0, 0.0, -1.5}, {1.0, 0.0, 3.0, 0.5}})});
}

TEST(ColumnProducts, AnEntryThatIsNotUsedLeavesNoTrace) {
  expect_jet([](X x) { return cumprod(x, 0).select(0, 0); }, {2, infinity}, {2, {1, 0}, {0, 0}});
  expect_jet([](X x) { return cumprod(x, 0).select(0, 1); }, {2, 3, not_a_number}, {6, {3, 2, 0}, {0, 1, 0}});
}

TEST(ColumnProducts, AreKeptInDoublePrecision) {
  const Tensor x = tensor({1e30, 1e30, 1e-30, 1e-30}, f32);
  EXPECT_NEAR(prod(x).item(), 1.0, 1e-6);
  EXPECT_EQ(prod(zeros({0})).item(), 1.0);
  EXPECT_TRUE(same(prod(zeros({2, 0}), 1), ones({2})));
}

TEST(Sorting, NanIsTheLargestAndEqualEntriesKeepTheirOrder) {
  const Tensor x = tensor({2, not_a_number, -infinity, 2, infinity, 1});
  const auto [rising, places] = sort(x);
  EXPECT_TRUE(entries_near(rising, {-infinity, 1, 2, 2, infinity, not_a_number}));
  EXPECT_TRUE(same(places, tensor({2, 5, 0, 3, 4, 1})));
  EXPECT_TRUE(same(argsort(x), places));
  EXPECT_TRUE(same(argsort(x, 0, true), tensor({1, 4, 0, 3, 5, 2})));
  EXPECT_TRUE(same(topk(x, 3).indices, tensor({1, 4, 0})));
  EXPECT_TRUE(same(topk(x, 3, 0, false).indices, tensor({2, 5, 0})));
  EXPECT_TRUE(entries_near(topk(x, 3, 0, false).values, {-infinity, 1, 2}));
  EXPECT_EQ(topk(x, 0).values.shape(), Shape({0}));
  EXPECT_EQ(argsort(x.to(f32)).dtype(), f64);
}

TEST(Sorting, ACapturedStepSortsAnew) {
  Tensor x = tensor({3, 1, 2}).requires_grad_();
  auto step = capture([&] {
    const auto [values, indices] = sort(x);
    return std::vector{indices, grad((values * tensor({1, 10, 100})).sum(), {x})[0]};
  });
  step();
  EXPECT_TRUE(same(step.output(0), tensor({1, 2, 0})));
  EXPECT_TRUE(same(step.output(1), tensor({100, 1, 10})));
  {
    const NoGrad guard;
    x.copy_(tensor({5, 7, 6}));
  }
  step();
  EXPECT_TRUE(same(step.output(0), tensor({0, 2, 1})));
  EXPECT_TRUE(same(step.output(1), tensor({1, 100, 10})));
}

TEST(OrderStatistics, MediansAreTheLowerOfTwo) {
  EXPECT_EQ(median(tensor({4, 1, 3, 2})).item(), 2.0);
  EXPECT_EQ(median(tensor({4, 1, 3})).item(), 3.0);
  EXPECT_TRUE(std::isnan(median(tensor({1, 2, not_a_number})).item()));
  expect_jet([](X x) { return median(x); }, {3, 1, 3, 5}, {3, {0.5, 0, 0.5, 0}, {0, 0, 0, 0}});
  EXPECT_EQ(error_of([] { median(zeros({0})); }), "median: axis 0 of [0] is empty");
}

TEST(OrderStatistics, QuantilesLieBetweenTheirNeighbours) {
  const Tensor x = tensor({{4, 1, 3, 2}, {10, 40, 20, 30}});
  EXPECT_TRUE(same(quantile(x, 0.5, 1), tensor({2.5, 25})));
  EXPECT_TRUE(same(quantile(x, {0.0, 0.25, 1.0}, 1), tensor({{1, 10}, {1.75, 17.5}, {4, 40}})));
  EXPECT_TRUE(same(quantile(x, {0.5}, 1), tensor({{2.5, 25}})));
  EXPECT_EQ(quantile(x, std::vector{0.1, 0.2}, 0, true).shape(), Shape({2, 1, 4}));
  EXPECT_TRUE(same(quantile(x, {0.0, 1.0}), tensor({1, 40})));
  EXPECT_EQ(quantile(x, 0.5).item(), 7.0);
  EXPECT_TRUE(std::isnan(quantile(tensor({1, 2, not_a_number}), 0.0).item()));
  EXPECT_EQ(error_of([&] { quantile(x, 1.5); }), "quantile: q must be in [0, 1] (got 1.5)");
  EXPECT_EQ(error_of([&] { quantile(x, not_a_number, 0); }), "quantile: q must be in [0, 1] (got nan)");
  EXPECT_EQ(error_of([&] { quantile(x, std::vector<double>(), 0); }), "quantile: needs at least one q");
}

TEST(Masks, AnyAndAll) {
  const Tensor x = tensor({{0, 0, 2}, {0, 0, 0}, {1, not_a_number, -1}});
  EXPECT_TRUE(same(any(x, 1), tensor({1, 0, 1})));
  EXPECT_TRUE(same(all(x, 1), tensor({0, 0, 1})));
  EXPECT_TRUE(same(all(x, 0, true), tensor({{0, 0, 0}})));
  EXPECT_TRUE(same(any(x), tensor(1.0)));
  EXPECT_TRUE(same(all(x), tensor(0.0)));
  EXPECT_EQ(any(zeros({0})).item(), 0.0);
  EXPECT_EQ(all(zeros({0})).item(), 1.0);
  EXPECT_EQ(any(x.to(f32), 1).dtype(), f32);
}

TEST(Masks, AreCombined) {
  const Tensor x = tensor({1, 2, 3, 4});
  EXPECT_TRUE(same(x > 1.0 && x < 4.0, tensor({0, 1, 1, 0})));
  EXPECT_TRUE(same(x < 2.0 || x > 3.0, tensor({1, 0, 0, 1})));
  EXPECT_TRUE(same(!(x > 2.0), tensor({1, 1, 0, 0})));
  EXPECT_TRUE(same(where(x > 2.0, 1.0, -1.0), tensor({-1, -1, 1, 1})));
  EXPECT_TRUE(same(pow(2.0, x), tensor({2, 4, 8, 16})));
}

}  // namespace
}  // namespace sigmagrad
