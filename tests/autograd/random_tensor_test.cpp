// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include <gtest/gtest.h>

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
