// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::error_of;
using testing::same;

TEST(RandomTensor, ManualSeedRepeatsTheDefaultGenerator) {
  manual_seed(42);
  const Tensor first = randn({3, 5}), next = rand({4});
  manual_seed(42);
  EXPECT_TRUE(same(randn({3, 5}), first));
  EXPECT_TRUE(same(rand({4}), next));
  EXPECT_FALSE(same(randn({3, 5}), first));
}

TEST(RandomTensor, TheDefaultGeneratorIsOneLikeOthers) {
  Generator generator(7);
  manual_seed(7);
  EXPECT_TRUE(same(randn({10}), randn({10}, generator)));
  EXPECT_TRUE(same(randint(-3, 9, {10}), randint(-3, 9, {10}, generator)));
  EXPECT_TRUE(same(randperm(10), randperm(10, generator)));
  EXPECT_EQ(default_generator().state(), generator.state());
}

TEST(RandomTensor, AGivenGeneratorLeavesTheDefaultOneAlone) {
  manual_seed(1);
  const auto state = default_generator().state();
  Generator generator(5, 3, 2);
  const Tensor x = randn({6}, generator);
  EXPECT_EQ(default_generator().state(), state);
  Generator again(5, 3, 2), other(5, 4, 2);
  EXPECT_TRUE(same(randn({6}, again), x));
  EXPECT_FALSE(same(randn({6}, other), x));
}

TEST(RandomTensor, TakesTheNumbersOfNumPy) {
  NumpyGenerator generator(42);  // RandomState(42): randn(2, 2), then rand(2), randint(0, 10, 3), permutation(4)
  const Tensor normal = randn({2, 2}, generator);
  EXPECT_EQ(normal.data<double>()[0], 0.4967141530112327);
  EXPECT_EQ(normal.data<double>()[3], 1.5230298564080254);
  const Tensor uniform = rand({2}, generator);
  EXPECT_EQ(uniform.data<double>()[0], 0.15601864044243652);
  EXPECT_TRUE(same(randint(0, 10, {3}, generator), tensor({7, 4, 3}, {3})));
  EXPECT_TRUE(same(randperm(4, generator), tensor({0, 1, 2, 3}, {4})));
}

TEST(RandomTensor, SinglePrecisionRoundsTheSameNumbers) {
  Generator wide(3), narrow(3);
  EXPECT_TRUE(same(randn({9}, narrow, f32), randn({9}, wide).to(f32)));
  EXPECT_EQ(randn({2}, f32).dtype(), f32);
  EXPECT_EQ(randint(0, 5, {2}, f32).dtype(), f32);
}

TEST(RandomTensor, LikeTakesShapeAndDtype) {
  const Tensor x = zeros({2, 3}, f32);
  manual_seed(4);
  const Tensor normal = randn_like(x), uniform = rand_like(x);
  manual_seed(4);
  EXPECT_TRUE(same(normal, randn({2, 3}, f32)));
  EXPECT_TRUE(same(uniform, rand({2, 3}, f32)));
}

TEST(RandomTensor, BernoulliFollowsItsProbabilities) {
  manual_seed(9);
  EXPECT_TRUE(same(bernoulli(tensor({0, 1, 0, 1}, {4})), tensor({0, 1, 0, 1}, {4})));
  const Tensor p = full({10000}, 0.3).requires_grad_();
  const Tensor draws = bernoulli(p);
  EXPECT_FALSE(draws.requires_grad());
  EXPECT_NEAR(mean(draws).item(), 0.3, 0.02);  // four standard deviations
  Generator a(1), b(1);
  EXPECT_TRUE(same(bernoulli(p, a), bernoulli(p, b)));
}

TEST(Multinomial, DrawsInProportionToTheWeights) {
  Generator generator(5);
  const std::vector<double> weights{1, 0, 4, 3, 0};
  const Tensor draws = multinomial(tensor(weights), 40000, true, generator);
  for (std::size_t k = 0; k < weights.size(); ++k) {
    const double share = (draws == static_cast<double>(k)).sum().item() / 40000;
    EXPECT_NEAR(share, weights[k] / 8.0, weights[k] == 0.0 ? 0.0 : 0.01);  // four standard deviations
  }
}

TEST(Multinomial, WithoutReplacementNoneIsDrawnTwice) {
  Generator generator(6);
  const Tensor weights = tensor({{5, 0, 1, 2}, {1, 1, 1, 0}}, f32).requires_grad_();
  int heaviest_first = 0;
  for (int i = 0; i < 2000; ++i) {
    const Tensor draws = multinomial(weights, 3, false, generator);
    ASSERT_EQ(draws.shape(), Shape({2, 3}));
    ASSERT_EQ(draws.dtype(), f64);
    ASSERT_FALSE(draws.requires_grad());
    auto first = draws.select(0, 0).to_vector(), second = draws.select(0, 1).to_vector();
    heaviest_first += first[0] == 0.0 && first[1] == 3.0 ? 1 : 0;
    std::sort(first.begin(), first.end());
    std::sort(second.begin(), second.end());
    ASSERT_EQ(first, (std::vector<double>{0, 2, 3}));
    ASSERT_EQ(second, (std::vector<double>{0, 1, 2}));
  }
  EXPECT_NEAR(heaviest_first / 2000.0, 5.0 / 8.0 * 2.0 / 3.0, 0.045);  // four standard deviations
}

TEST(Multinomial, TakesAnyLeadingAxesAndAUniformNumberADraw) {
  Generator a(7), b(7);
  EXPECT_EQ(multinomial(ones({2, 3, 4}), 5, true, a).shape(), Shape({2, 3, 5}));
  rand({30}, b);
  EXPECT_EQ(a.state(), b.state());
  EXPECT_EQ(multinomial(ones({0, 4}), 2).shape(), Shape({0, 2}));
  EXPECT_EQ(multinomial(zeros({3, 0}), 0).shape(), Shape({3, 0}));
  EXPECT_EQ(multinomial(tensor({0.0, 1e-300, 0.0}), 1).item(), 1.0);
}

TEST(Multinomial, RefusesBeforeItDraws) {
  Generator generator(8);
  const auto message = [&](const Tensor& weights, std::int64_t n, bool replacement) {
    return error_of([&] { multinomial(weights, n, replacement, generator); });
  };
  EXPECT_EQ(message(ones({}), 1, true), "multinomial: needs weights along the last axis, got []");
  EXPECT_EQ(message(ones({2}), -1, true), "multinomial: n must be >= 0 (got -1)");
  EXPECT_EQ(message(ones({2}), 3, false), "multinomial: needs 3 positive weights in a row, got 2");
  EXPECT_EQ(message(tensor({{1, 1}, {0, 1}}), 2, false), "multinomial: needs 2 positive weights in a row, got 1");
  EXPECT_EQ(message(zeros({2}), 1, true), "multinomial: needs 1 positive weights in a row, got 0");
  EXPECT_EQ(message(tensor({1, -2}), 1, true), "multinomial: weights must be finite and >= 0 (got -2)");
  EXPECT_EQ(message(tensor({1, NAN}), 1, true), "multinomial: weights must be finite and >= 0 (got nan)");
  EXPECT_EQ(message(full({3}, 1e308), 1, true), "multinomial: the sum of the weights must be finite");
  EXPECT_EQ(generator.state(), Generator(8).state());
}

TEST(Multinomial, DrawsAnewInACapturedStep) {
  Tensor weights = tensor({1, 0, 0});
  Generator generator(9);
  auto step = capture([&] { return multinomial(weights, 2, true, generator); });
  step();
  EXPECT_TRUE(same(step.output(), tensor({0, 0})));
  weights.copy_(tensor({0, 0, 1}));
  step();
  EXPECT_TRUE(same(step.output(), tensor({2, 2})));
}

TEST(RandomTensor, RandpermHoldsEveryNumberOnce) {
  const Tensor order = randperm(100);
  std::vector<double> values(order.data<double>().begin(), order.data<double>().end());
  EXPECT_FALSE(std::is_sorted(values.begin(), values.end()));
  std::sort(values.begin(), values.end());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(values[static_cast<std::size_t>(i)], i);
  EXPECT_EQ(randperm(0).numel(), 0);
}

TEST(RandomTensor, ZeroSizesDrawNothing) {
  Generator generator(1);
  EXPECT_EQ(randn({0, 4}, generator).shape(), (Shape{0, 4}));
  EXPECT_EQ(generator.state(), Generator(1).state());
}

}  // namespace
}  // namespace sigmagrad
