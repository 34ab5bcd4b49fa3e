// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/graph/gradcheck.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/nn/activations.hpp>
#include <sigmagrad/nn/dropout.hpp>
#include <sigmagrad/nn/functional_call.hpp>
#include <sigmagrad/nn/sequential.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::nn {
namespace {

using testing::error_of;
using testing::same;

class DropoutLayer : public ::testing::Test {
 protected:
  void SetUp() override { manual_seed(6); }
};

TEST_F(DropoutLayer, DropsAShareAndScalesTheRest) {
  const Dropout layer(0.2);
  const auto x = ones({100, 100});
  const auto y = layer(x);
  EXPECT_TRUE(same(y, (y != 0.0) * 1.25));
  EXPECT_NEAR(mean(y == 0.0).item(), 0.2, 0.02);
  EXPECT_FALSE(allclose(y, layer(x)));
  EXPECT_NEAR(mean(Dropout()(x) == 0.0).item(), 0.5, 0.025);
  EXPECT_NEAR(mean(Dropout({.p = 0.9})(x) == 0.0).item(), 0.9, 0.015);
  EXPECT_EQ(layer(x.to(f32)).dtype(), f32);
}

TEST_F(DropoutLayer, IsTheIdentityAfterEval) {
  Sequential net{Dropout(0.7), Dropout(0.7)};
  const auto x = randn({5, 5});
  EXPECT_FALSE(allclose(net(x), x));
  net.eval();
  EXPECT_TRUE(same(net(x), x));
  net.train();
  EXPECT_FALSE(allclose(net(x), x));
}

TEST_F(DropoutLayer, AtTheEndsOfItsRange) {
  const auto x = randn({5, 5});
  EXPECT_TRUE(same(Dropout(0.0)(x), x));
  EXPECT_TRUE(same(Dropout(1.0)(x), zeros({5, 5})));
}

TEST_F(DropoutLayer, Gradients) {
  Dropout layer(0.4);
  const auto f = [&](const Tensor& x) {
    manual_seed(1);  // the same entries at every call
    return square(layer(x));
  };
  testing::gradcheck(f, {randn({4, 3})});
  testing::gradgradcheck(f, {randn({4, 3})});
  layer.eval();
  testing::gradcheck(f, {randn({4, 3})});
}

TEST_F(DropoutLayer, ACapturedStepDrawsAtEveryCall) {
  const Dropout layer(0.5);
  auto x = ones({6, 6}).requires_grad_();
  auto step = capture([&] {
    x.zero_grad();
    const auto y = layer(x);
    y.sum().backward();
    return y;
  });
  manual_seed(9);
  const auto first = step().clone(), second = step().clone();
  EXPECT_TRUE(same(x.grad(), second));
  manual_seed(9);
  EXPECT_TRUE(same(layer(x), first));
  EXPECT_TRUE(same(layer(x), second));
  EXPECT_FALSE(allclose(first, second));
}

TEST_F(DropoutLayer, ACapturedStepFollowsTheMode) {
  const Dropout layer(0.5);
  const auto x = ones({6, 6});
  int runs = 0;
  auto step = capture([&] {
    ++runs;
    return layer(x);
  });
  EXPECT_FALSE(same(step(), x));
  layer.eval();
  layer.train();
  EXPECT_FALSE(same(step(), x));
  EXPECT_EQ(runs, 1);  // the mode is what the body found
  layer.eval();
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(same(step(), x));
  EXPECT_EQ(runs, 2);
  layer.train();
  EXPECT_FALSE(same(step(), x));
  EXPECT_EQ(runs, 3);
}

// A copy of the model is made in the body: what counts at a replay is the mode of the model itself.
TEST_F(DropoutLayer, ACapturedStepFollowsTheModeOfAModelThatItsBodyCopies) {
  const Sequential net{Dropout(0.5)};
  const auto x = ones({20, 20});
  auto step = capture([&] { return functional_call(net, {}, x); });
  EXPECT_FALSE(same(step(), x));
  net.eval();
  EXPECT_TRUE(same(step(), x));
  net.train();
  EXPECT_FALSE(same(step(), x));
}

TEST_F(DropoutLayer, ACapturedStepThatSetsTheModeItself) {
  const Sequential model(Dropout(0.5), Identity());
  const auto x = ones({6, 6});
  int runs = 0;
  auto step = capture([&] {
    ++runs;
    model.train();
    const auto y = model(x);
    model.eval();
    return std::vector<Tensor>{y, model(x)};
  });
  for (int i = 0; i < 4; ++i) {
    model.train(i % 2 == 0);
    step();
    EXPECT_FALSE(same(step.output(0), x));
    EXPECT_TRUE(same(step.output(1), x));
    EXPECT_FALSE(model.is_training());  // as the body leaves it
  }
  EXPECT_EQ(runs, 1);
}

TEST_F(DropoutLayer, AVerifiedStepDrawsWhatTheBodyDraws) {
  const Dropout layer(0.5);
  const auto x = ones({6, 6});
  auto step = capture([&] { return layer(x); }, {.verify = true});
  std::vector<Tensor> drawn;
  for (int i = 0; i < 6; ++i) drawn.push_back(step().clone());
  manual_seed(6);
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(same(layer(x), drawn[static_cast<std::size_t>(i)])) << i;
}

TEST_F(DropoutLayer, Misuse) {
  EXPECT_EQ(error_of([] { Dropout(-0.1); }), "Dropout: p must be in [0, 1] (got -0.1)");
  EXPECT_EQ(error_of([] { Dropout({.p = 1.5}); }), "Dropout: p must be in [0, 1] (got 1.5)");
}

}  // namespace
}  // namespace sigmagrad::nn
