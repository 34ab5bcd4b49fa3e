// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::nn {
namespace {

using testing::close;
using testing::same;

class ForwardHooks : public ::testing::Test {
 protected:
  void SetUp() override { manual_seed(4); }
  Tensor x = ones({2, 3});
};

// Doubles, and calls no hooks itself.
struct Double : Module {
  Tensor operator()(const Tensor& x) const { return 2.0 * x; }
};

TEST_F(ForwardHooks, SeeInputAndOutputUntilTheyAreRemoved) {
  const Linear layer(3, 2);
  std::vector<std::pair<Tensor, Tensor>> seen;
  auto handle =
      layer.register_forward_hook([&](const Tensor& input, const Tensor& output) { seen.emplace_back(input, output); });
  const auto y = layer(x);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_TRUE(seen[0].first.is(x));
  EXPECT_TRUE(seen[0].second.is(y));
  const Linear same_layer = layer;
  same_layer(x);
  EXPECT_EQ(seen.size(), 2u);
  handle.remove();
  handle.remove();
  layer(x);
  EXPECT_EQ(seen.size(), 2u);
}

TEST_F(ForwardHooks, AreCalledOnceByEachLayerAndSequential) {
  const Sequential net{Linear(3, 4),   ReLU(),        Double(),  LayerNorm(4),
                       BatchNorm1d(4), Dropout(0.25), Flatten(), parametrize(Linear(4, 2), Multipliers{})};
  std::vector<int> calls(9);
  const auto count = [&](const auto& module, std::size_t i) {
    module.register_forward_hook([&calls, i](const Tensor&, const Tensor&) { ++calls[i]; });
  };
  count(*net.layer<Linear>(0), 0);
  count(*net.layer<ReLU>(1), 1);
  count(*net.layer<Double>(2), 2);
  count(*net.layer<LayerNorm>(3), 3);
  count(*net.layer<BatchNorm1d>(4), 4);
  count(*net.layer<Dropout>(5), 5);
  count(*net.layer<Flatten>(6), 6);
  count(*net.layer<Parametrized<Linear>>(7), 7);
  count(net, 8);
  net(x);
  net.eval();
  net(x);
  EXPECT_EQ(calls, std::vector<int>(9, 2));
}

TEST_F(ForwardHooks, MayReplaceTheOutputInOrderOfRegistration) {
  const Linear layer(3, 2);
  const auto y = layer(x);
  auto first = layer.register_forward_hook([](const Tensor&, const Tensor& output) { return output + 1.0; });
  const auto second = layer.register_forward_hook([](const Tensor&, const Tensor& output) { return 3.0 * output; });
  EXPECT_TRUE(same(layer(x), 3.0 * (y + 1.0)));
  first.remove();
  EXPECT_TRUE(same(layer(x), 3.0 * y));
  layer(x).sum().backward();
  EXPECT_TRUE(same(layer.bias.grad(), full({2}, 6.0)));
}

TEST_F(ForwardHooks, MayRemoveThemselves) {
  const Linear layer(3, 2);
  int calls = 0;
  HookHandle handle;
  handle = layer.register_forward_hook([&](const Tensor&, const Tensor&) {
    ++calls;
    handle.remove();
  });
  layer(x);
  layer(x);
  EXPECT_EQ(calls, 1);
}

TEST_F(ForwardHooks, BelongToOneModelAndAreCopiedWithIt) {
  const Linear layer(3, 2);
  int calls = 0;
  auto handle = layer.register_forward_hook([&](const Tensor&, const Tensor&) { ++calls; });
  const auto copy = layer.clone();
  copy(x);
  EXPECT_EQ(calls, 1);
  handle.remove();
  copy(x);
  EXPECT_EQ(calls, 2);
  layer(x);
  EXPECT_EQ(calls, 2);
}

TEST_F(ForwardHooks, InACapturedStepWhatTheyComputeIsReplayed) {
  const Linear layer(3, 2);
  Tensor sum = zeros({});
  int calls = 0;
  layer.register_forward_hook([&](const Tensor&, const Tensor& output) {
    ++calls;
    sum.copy_(output.detach().sum());
  });
  Tensor input = x.clone();
  auto step = capture([&] { return layer(input).sum(); });
  for (int i = 0; i < 3; ++i) {
    input.fill_(i);
    step();
    EXPECT_EQ(sum.item(), step.output().item());
  }
  EXPECT_EQ(calls, 1);
}

TEST_F(ForwardHooks, ThatComeAndGoAreFollowedByACapturedStep) {
  const Linear layer(3, 2);
  auto step = capture([&] { return layer(x); });
  const Tensor plain = step().clone();
  auto handle = layer.register_forward_hook([](const Tensor&, const Tensor& output) { return 2.0 * output; });
  EXPECT_TRUE(same(step(), 2.0 * plain));
  handle.remove();
  EXPECT_TRUE(same(step(), plain));
}

}  // namespace
}  // namespace sigmagrad::nn
