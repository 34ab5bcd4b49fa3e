// SPDX-License-Identifier: BSD-3-Clause
#include <memory>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::nn {
namespace {

using testing::close;
using testing::error_of;
using testing::same;

class Normalization : public ::testing::Test {
 protected:
  void SetUp() override { manual_seed(9); }
};
using LayerNorms = Normalization;
using BatchNorms = Normalization;

TEST_F(LayerNorms, MakeMeanZeroAndVarianceOne) {
  const auto x = 1e6 + 3.0 * randn({5, 2, 400});
  const auto y = LayerNorm({2, 400}, {.eps = 0.0, .elementwise_affine = false})(x).reshape({5, 800});
  EXPECT_TRUE(close(mean(y, 1) + 1.0, ones({5}), 1e-13));
  EXPECT_TRUE(close(var(y, 1, false, 0), ones({5}), 1e-12));
  EXPECT_EQ(LayerNorm(4, {.elementwise_affine = false}).parameters().size(), 0u);
  EXPECT_EQ(LayerNorm(4, {.bias = false}).parameters().size(), 1u);
  EXPECT_EQ(LayerNorm(4, {.dtype = f32})(ones({3, 4}, f32)).dtype(), f32);
}

TEST_F(LayerNorms, Gradients) {
  const LayerNorm layer({2, 3});
  const auto f = [&](const Tensor& x, const Tensor& weight, const Tensor& bias) {
    return functional_call(layer, {{"weight", weight}, {"bias", bias}}, x);
  };
  testing::gradcheck(f, {randn({4, 2, 3}), randn({2, 3}), randn({2, 3})});
  testing::gradgradcheck(f, {randn({4, 2, 3}), randn({2, 3}), randn({2, 3})});
}

TEST_F(LayerNorms, Errors) {
  EXPECT_EQ(error_of([] {
              LayerNorm(4)(ones({3, 5}));
            }),
            "LayerNorm: the input must be [...] with the last axes [4], got [3, 5]");
  EXPECT_EQ(error_of([] { LayerNorm(Shape{}); }), "LayerNorm: needs at least one axis, none of them empty, got []");
  EXPECT_EQ(error_of([] { LayerNorm(4, {.eps = -1.0}); }), "LayerNorm: eps must be >= 0 (got -1)");
}

TEST_F(BatchNorms, Gradients) {
  const BatchNorm1d layer(3);
  const auto f = [&](const Tensor& x, const Tensor& weight) { return functional_call(layer, {{"weight", weight}}, x); };
  for (const auto& x : {randn({5, 3}), randn({2, 3, 4})}) {
    testing::gradcheck(f, {x, randn({3})});
    testing::gradgradcheck(f, {x, randn({3})});
  }
  layer.eval();
  testing::gradcheck(f, {randn({5, 3}), randn({3})});
  EXPECT_TRUE(same(layer.running_mean, zeros({3})));
}

TEST_F(BatchNorms, KeepWhatTheySawForEvaluation) {
  const BatchNorm1d layer(3, {.momentum = 0.5});
  const auto x = 2.0 + randn({6, 3});
  layer(x);
  EXPECT_TRUE(close(layer.running_mean, 0.5 * mean(x, 0), 1e-15));
  EXPECT_TRUE(close(layer.running_var, 0.5 + 0.5 * var(x, 0), 1e-15));
  EXPECT_EQ(layer.num_batches_tracked.item(), 1.0);
  layer.eval();
  const auto kept = layer.running_mean.clone();
  EXPECT_EQ(layer(x.narrow(0, 0, 1)).shape(), Shape({1, 3}));
  EXPECT_TRUE(same(layer.running_mean, kept));
  const BatchNorm1d without(3, {.track_running_stats = false});
  EXPECT_TRUE(without.named_buffers().empty());
  const auto trained = without(x);
  without.eval();
  EXPECT_TRUE(same(without(x).detach(), trained.detach()));
}

TEST_F(BatchNorms, InACapturedStepTheBuffersFollow) {
  const BatchNorm1d layer(3, {.momentum = std::nullopt}), eager = layer.clone();
  Tensor x = randn({4, 3});
  auto step = capture([&] {
    layer.zero_grad();
    const auto loss = square(layer(x) - 1.0).sum();
    loss.backward();
    return loss;
  });
  for (int i = 0; i < 3; ++i) {
    x.copy_(randn({4, 3}));
    eager.zero_grad();
    const auto loss = square(eager(x) - 1.0).sum();
    loss.backward();
    EXPECT_EQ(step().item(), loss.item());
    EXPECT_TRUE(same(layer.weight.grad(), eager.weight.grad()));
    EXPECT_TRUE(same(layer.running_var, eager.running_var));
  }
  EXPECT_EQ(layer.num_batches_tracked.item(), 3.0);
}

TEST_F(BatchNorms, AModelThatIsGoneIsRefused) {
  auto layer = std::make_unique<BatchNorm1d>(3, BatchNorm1d::Options{.track_running_stats = false});
  const Tensor x = randn({4, 3});
  auto step = capture([&] {
    const auto y = (*layer)(x);
    layer->train();
    return y;
  });
  step();
  step();
  layer = std::make_unique<BatchNorm1d>(3);
  EXPECT_EQ(error_of(step),
            "capture: a tensor [3] that the body used is gone; keep it, and copy new values into it with copy_");
}

TEST_F(BatchNorms, ACapturedStepFollowsTheMode) {
  const BatchNorm1d layer(3), eager = layer.clone();
  Tensor x = randn({4, 3});
  auto step = capture([&] { return layer(x); }, {.verify = true});
  for (const bool training : {true, true, true, true, true, true, false, false, true, false}) {
    x.copy_(randn({4, 3}));
    for (const auto& model : {layer, eager}) model.train(training);
    EXPECT_TRUE(same(step(), eager(x).detach()));
    EXPECT_TRUE(same(layer.running_mean, eager.running_mean));
    EXPECT_TRUE(same(layer.num_batches_tracked, eager.num_batches_tracked));
  }
}

TEST_F(BatchNorms, Errors) {
  EXPECT_EQ(error_of([] {
              BatchNorm1d(3)(ones({1, 3}));
            }),
            "BatchNorm1d: training needs more than one value a channel, got [1, 3]");
  EXPECT_EQ(error_of([] { BatchNorm1d(3)(ones({3})); }),
            "BatchNorm1d: the input must be [batch, 3] or [batch, 3, length], got [3]");
  EXPECT_EQ(error_of([] { BatchNorm1d(0); }), "BatchNorm1d: channels must be >= 1 (got 0)");
}

TEST_F(Normalization, FlattenMakesOneAxis) {
  const auto x = randn({2, 3, 4, 5});
  EXPECT_EQ(Flatten()(x).shape(), Shape({2, 60}));
  EXPECT_EQ(Flatten(0, 1)(x).shape(), Shape({6, 4, 5}));
}

}  // namespace
}  // namespace sigmagrad::nn
