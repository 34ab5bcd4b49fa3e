// SPDX-License-Identifier: BSD-3-Clause
// Where finite differences cannot look: kinks, ties, and entries that are not finite.
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::same;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

Tensor vector(const std::vector<double>& values) { return tensor(values, {static_cast<std::int64_t>(values.size())}); }

template <class F>
Tensor gradient(const F& f, const std::vector<double>& at) {
  const Tensor x = vector(at).requires_grad_();
  return grad(f(x).sum(), {x})[0];
}

TEST(Kinks, HaveTheGradientThatIsPromised) {
  EXPECT_TRUE(same(gradient([](auto& x) { return abs(x); }, {-2, 0, 2}), vector({-1, 0, 1})));
  EXPECT_TRUE(same(gradient([](auto& x) { return relu(x); }, {-2, 0, 2}), vector({0, 0, 1})));
  EXPECT_TRUE(same(gradient([](auto& x) { return leaky_relu(x, 0.5); }, {-2, 0, 2}), vector({0.5, 0.5, 1})));
  EXPECT_TRUE(same(gradient([](auto& x) { return clamp(x, -1, 1); }, {-2, -1, 0, 1, 2}), vector({0, 1, 1, 1, 0})));
  EXPECT_TRUE(same(gradient([](auto& x) { return sign(x); }, {-2, 0}), vector({0, 0})));
  EXPECT_TRUE(same(gradient([](auto& x) { return pow(x, 0.0); }, {0, 1}), vector({0, 0})));
  EXPECT_TRUE(same(gradient([](auto& x) { return pow(x, 2.0); }, {0, 1}), vector({0, 2})));
  EXPECT_TRUE(same(gradient([](auto& x) { return pow(x, vector({0, 2})); }, {0, 1}), vector({0, 2})));
  EXPECT_TRUE(same(gradient([](auto& p) { return pow(vector({0, 1}), p); }, {2, 2}), vector({0, 0})));
  EXPECT_TRUE(same(gradient([](auto& x) { return square(x); }, {0}), vector({0})));
}

TEST(Ties, ShareTheGradient) {
  const Tensor a = vector({1, 2, 3}).requires_grad_(), b = vector({1, 5, 0}).requires_grad_();
  const auto [larger_a, larger_b] = grad(maximum(a, b).sum(), {a, b});
  EXPECT_TRUE(same(larger_a, vector({0.5, 0, 1})));
  EXPECT_TRUE(same(larger_b, vector({0.5, 1, 0})));
  const auto [smaller_a, smaller_b] = grad(minimum(a, b).sum(), {a, b});
  EXPECT_TRUE(same(smaller_a, vector({0.5, 1, 0})));
  EXPECT_TRUE(same(smaller_b, vector({0.5, 0, 1})));
  EXPECT_TRUE(same(gradient([](auto& x) { return max(x); }, {4, 1, 4, 0}), vector({0.5, 0, 0.5, 0})));
  EXPECT_TRUE(same(gradient([](auto& x) { return min(x, 0); }, {0, 1, 4, 0}), vector({0.5, 0, 0, 0.5})));
  EXPECT_EQ(argmax(vector({1, 4, 4})).item(), 1.0);
}

TEST(NotFinite, PassesThrough) {
  const Tensor nan = vector({not_a_number});
  const auto is_nan = [](const Tensor& x) { return std::isnan(x.item()); };
  EXPECT_TRUE(is_nan(relu(nan)));
  EXPECT_TRUE(is_nan(leaky_relu(nan)));
  EXPECT_TRUE(is_nan(clamp(nan, -1.0, 1.0)));
  EXPECT_TRUE(is_nan(abs(nan)));
  EXPECT_TRUE(is_nan(sign(nan)));
  EXPECT_TRUE(is_nan(maximum(nan, ones({1}))));
  EXPECT_TRUE(is_nan(maximum(ones({1}), nan)));
  EXPECT_TRUE(is_nan(minimum(nan, ones({1}))));
  EXPECT_TRUE(is_nan(minimum(ones({1}), nan)));
  EXPECT_TRUE(is_nan(max(vector({1, not_a_number, 3}))));
  EXPECT_TRUE(is_nan(min(vector({1, not_a_number, 3}))));
  EXPECT_EQ(argmax(vector({1, not_a_number, 3, not_a_number})).item(), 1.0);
  EXPECT_TRUE(is_nan(log(vector({-1}))));
  EXPECT_TRUE(is_nan(mean(zeros({0}))));
}

TEST(NotFinite, IsFoundAndCompared) {
  const Tensor x = vector({1, infinity, -infinity, not_a_number});
  EXPECT_TRUE(same(isfinite(x), vector({1, 0, 0, 0})));
  EXPECT_TRUE(same(x == x, vector({1, 1, 1, 0})));
  EXPECT_TRUE(same(x != x, vector({0, 0, 0, 1})));
  EXPECT_TRUE(allclose(vector({1, infinity}), vector({1, infinity})));
  EXPECT_FALSE(allclose(vector({not_a_number}), vector({not_a_number})));
  EXPECT_FALSE(allclose(vector({infinity}), vector({-infinity})));
  EXPECT_FALSE(allclose(vector({1.0}), vector({infinity})));
}

TEST(LargeEntries, DoNotOverflowOnTheWay) {
  EXPECT_TRUE(same(sigmoid(vector({-1000, 1000})), vector({0, 1})));
  EXPECT_EQ(logsumexp(vector({1000, 1000})).item(), 1000.0 + std::log(2.0));
  EXPECT_EQ(logsumexp(vector({-infinity, -infinity})).item(), -infinity);
  EXPECT_EQ(logsumexp(vector({1, infinity})).item(), infinity);
  EXPECT_TRUE(same(softmax(vector({1000, 0}), 0), vector({1, 0})));
  EXPECT_TRUE(same(log_softmax(vector({1000, 0}), 0), vector({0, -1000})));
  EXPECT_TRUE(same(gradient([](auto& x) { return logsumexp(x); }, {1000, 1000}), vector({0.5, 0.5})));
}

}  // namespace
}  // namespace sigmagrad
