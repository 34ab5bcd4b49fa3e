// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <sstream>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/graph/gradcheck.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/nn/activations.hpp>
#include <sigmagrad/nn/functional_call.hpp>
#include <sigmagrad/nn/linear.hpp>
#include <sigmagrad/nn/sequential.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::nn {
namespace {

using testing::close;
using testing::error_of;
using testing::same;

class Layers : public ::testing::Test {
 protected:
  void SetUp() override { manual_seed(3); }
};
using LinearLayer = Layers;
using ActivationLayers = Layers;
using SequentialLayers = Layers;

TEST_F(LinearLayer, IsXTimesWeightTransposedPlusBias) {
  const Linear layer(3, 2);
  const auto x = randn({5, 3});
  EXPECT_EQ(layer.weight.shape(), Shape({2, 3}));
  EXPECT_EQ(layer.bias.shape(), Shape({2}));
  EXPECT_TRUE(close(layer(x), matmul(x, layer.weight.t()) + layer.bias, 1e-15));
  const Linear linear(3, 2, {.bias = false});
  EXPECT_FALSE(linear.bias.defined());
  EXPECT_EQ(linear.parameters().size(), 1u);
  EXPECT_TRUE(close(linear(x), matmul(x, linear.weight.t()), 1e-15));
}

TEST_F(LinearLayer, TakesLeadingAxesAndSingleVectors) {
  const Linear layer(3, 2);
  const auto x = randn({4, 5, 3});
  EXPECT_TRUE(close(layer(x), layer(x.reshape({20, 3})).reshape({4, 5, 2}), 1e-15));
  EXPECT_TRUE(close(layer(x.select(0, 0).select(0, 0)), layer(x).select(0, 0).select(0, 0), 1e-15));
  EXPECT_EQ(layer(zeros({0, 3})).shape(), Shape({0, 2}));
}

TEST_F(LinearLayer, GradientsOfInputWeightAndBias) {
  const auto f = [](const Tensor& x, const Tensor& weight, const Tensor& bias) {
    return square(functional_call(Linear(3, 2), {{"weight", weight}, {"bias", bias}}, x));
  };
  const Tensor inputs[]{randn({2, 4, 3}), randn({2, 3}), randn({2})};
  testing::gradcheck(f, inputs);
  testing::gradgradcheck(f, inputs);
}

TEST_F(LinearLayer, StartsUniformWithinOneOverTheRootOfIn) {
  const Linear layer(64, 1000);
  for (const auto& parameter : layer.parameters()) {
    const double largest = max(abs(parameter)).item();
    EXPECT_LE(largest, 0.125);
    EXPECT_GT(largest, 0.124);
    EXPECT_NEAR(mean(parameter).item(), 0.0, 0.01);
  }
  EXPECT_NEAR(std(layer.weight).item(), 0.125 / std::sqrt(3.0), 1e-3);
}

TEST_F(LinearLayer, InitialisationFollowsTheSeed) {
  const Linear first(3, 2);
  manual_seed(3);
  const Linear second(3, 2);
  EXPECT_TRUE(same(first.weight, second.weight));
  EXPECT_FALSE(first.weight.is(second.weight));
}

TEST_F(LinearLayer, InSinglePrecision) {
  const Linear layer(3, 2, {.dtype = f32});
  EXPECT_EQ(layer(ones({1, 3}, f32)).dtype(), f32);
  EXPECT_NE(error_of([&] { layer(ones({1, 3})); }), "no error");
}

TEST_F(LinearLayer, Errors) {
  const Linear layer(3, 2);
  EXPECT_EQ(error_of([&] { layer(ones({5, 4})); }), "Linear: the last axis of the input must be 3, got [5, 4]");
  EXPECT_EQ(error_of([&] { layer(ones({})); }), "Linear: the last axis of the input must be 3, got []");
  EXPECT_EQ(error_of([] { Linear(-1, 2); }), "Linear: sizes must be >= 0 (got -1 and 2)");
}

TEST_F(ActivationLayers, AreTheirFunctions) {
  const auto x = randn({4, 3});
  EXPECT_TRUE(same(ReLU()(x), relu(x)));
  EXPECT_TRUE(same(LeakyReLU()(x), leaky_relu(x, 0.01)));
  EXPECT_TRUE(same(LeakyReLU(0.3)(x), leaky_relu(x, 0.3)));
  EXPECT_TRUE(same(LeakyReLU({.negative_slope = 0.3})(x), leaky_relu(x, 0.3)));
  EXPECT_TRUE(same(Tanh()(x), tanh(x)));
  EXPECT_TRUE(same(Sigmoid()(x), sigmoid(x)));
  EXPECT_TRUE(same(Identity()(x), x));
  EXPECT_TRUE(same(GELU()(x), gelu(x)));
  EXPECT_TRUE(same(SiLU()(x), silu(x)));
  EXPECT_TRUE(same(Softplus()(x), softplus(x)));
  EXPECT_TRUE(same(Softplus(2.0)(x), softplus(x, 2.0)));
  EXPECT_TRUE(same(Softplus({.beta = 2.0})(x), softplus(x, 2.0)));
  EXPECT_TRUE(same(ELU()(x), elu(x)));
  EXPECT_TRUE(same(ELU(0.5)(x), elu(x, 0.5)));
  EXPECT_TRUE(same(ELU({.alpha = 0.5})(x), elu(x, 0.5)));
  EXPECT_TRUE(Tanh().parameters().empty());
}

TEST_F(ActivationLayers, Gradients) {
  const Sequential net{LeakyReLU(0.2), Tanh(), Identity(), GELU(), SiLU(), Softplus(2.0), ELU(), Sigmoid(), ReLU()};
  const auto f = [&](const Tensor& x) { return net(x); };
  testing::gradcheck(f, {randn({4, 3})});
  testing::gradgradcheck(f, {randn({4, 3})});
}

TEST_F(LinearLayer, OfGivenParameters) {
  const auto weight = randn({2, 3}), bias = randn({2}), x = randn({5, 3});
  const Linear layer(weight, bias);
  EXPECT_TRUE(same(layer(x), matmul(x, weight.t()) + bias));
  EXPECT_TRUE(layer.weight.requires_grad());
  EXPECT_EQ(Linear(weight).parameters().size(), 1u);
  EXPECT_TRUE(Linear(layer.weight).weight.is(layer.weight));  // a leaf is shared
  EXPECT_EQ(error_of([&] { Linear{bias}; }), "Linear: the weight must be [..., out, in], got [2]");
  EXPECT_EQ(error_of([&] { Linear(weight, ones({3})); }), "Linear: the bias must be [2], got [3]");
}

TEST_F(SequentialLayers, AppliesItsLayersInOrder) {
  const Linear first(4, 3), last(3, 2);
  const Sequential net{first, ReLU(), last};
  const auto x = randn({6, 4});
  EXPECT_TRUE(same(net(x), last(relu(first(x)))));
}

TEST_F(SequentialLayers, NamesItsLayersByPosition) {
  const Sequential net{Linear(64, 128), ReLU(), Linear(128, 10)};
  std::ostringstream out;
  for (const auto& [name, p] : net.named_parameters()) out << name << ' ' << p.shape() << '\n';
  EXPECT_EQ(out.str(), "0.weight [128, 64]\n0.bias [128]\n2.weight [10, 128]\n2.bias [10]\n");
}

TEST_F(SequentialLayers, NestAndAreShared) {
  const Linear layer(2, 2);
  const Sequential inner{layer, ReLU()}, outer{inner, Linear(2, 1)};
  const Sequential copy = outer;
  const Sequential alone{layer};
  EXPECT_EQ(outer.named_parameters()[0].first, "0.0.weight");
  EXPECT_TRUE(copy.parameters()[0].is(layer.weight));
  EXPECT_EQ(alone.parameters().size(), 2u);
  const auto x = randn({3, 2});
  EXPECT_TRUE(same(copy(x), outer(x)));
  const auto before = outer(x);
  {
    const NoGrad guard;
    outer.parameters()[3].add_(1.0);
  }
  EXPECT_TRUE(same(outer(x), before + 1.0));
}

TEST_F(SequentialLayers, TakeLayersOfAnotherOne) {
  const Sequential net{Linear(3, 4), ReLU(), Linear(4, 2)};
  Sequential head;
  for (std::size_t i = 0; i < 2; ++i) head.append_layer(net, i);
  head.append([](const Tensor& x) { return 2.0 * x; });
  Sequential copy;
  for (std::size_t i = 0; i < 3; ++i) copy.append_layer(head, i);
  const auto x = randn({5, 3});
  EXPECT_TRUE(same(copy(x), 2.0 * relu((*net.layer<Linear>(0))(x))));
  EXPECT_TRUE(copy.parameters()[0].is(net.parameters()[0]));
  EXPECT_EQ(copy.named_parameters()[1].first, "0.bias");
}

}  // namespace
}  // namespace sigmagrad::nn
