// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::nn {
namespace {

using testing::close;
using testing::error_of;
using testing::same;

class FunctionalCall : public ::testing::Test {
 protected:
  void SetUp() override { manual_seed(6); }
  Tensor x = randn({5, 3});
};
using ParameterVector = FunctionalCall;

// A model whose parts sit in functions and containers.
struct Net : Module {
  std::vector<Linear> layers;
  std::function<Tensor(const Tensor&)> last;
  Tensor scale;

  Net() {
    layers.push_back(register_module("first", Linear(3, 4)));
    const auto second = register_module("second", Linear(4, 2, {.bias = false}));
    last = [second](const Tensor& h) { return second(h); };
    scale = register_parameter("scale", ones({2}));
  }
  Tensor operator()(const Tensor& in) const { return last(tanh(layers[0](in))) * scale; }
};

TEST_F(FunctionalCall, ComputesWithTheGivenTensorsAndLeavesTheModel) {
  const Net net;
  const auto before = net(x);
  const auto first = randn({4, 3}), second = randn({2, 4}), scale = randn({2});
  const auto expected = matmul(tanh(matmul(x, first.t()) + net.layers[0].bias), second.t()) * scale;
  const NamedTensors tensors{{"first.weight", first}, {"second.weight", second}, {"scale", scale}};
  EXPECT_TRUE(close(functional_call(net, tensors, x), expected, 1e-15));
  EXPECT_TRUE(same(net(x), before));
  EXPECT_TRUE(same(functional_call(net, {}, x), before));
}

TEST_F(FunctionalCall, IsDifferentiableTwice) {
  const Net net;
  const auto f = [&](const Tensor& first, const Tensor& second) {
    return functional_call(net, {{"first.weight", first}, {"second.weight", second}}, x);
  };
  testing::gradcheck(f, {randn({4, 3}), randn({2, 4})});
  testing::gradgradcheck(f, {randn({4, 3}), randn({2, 4})});
  f(randn({4, 3}), randn({2, 4})).sum().backward();
  EXPECT_TRUE(net.layers[0].bias.grad().defined());  // it was not replaced
  EXPECT_FALSE(net.layers[0].weight.grad().defined());
}

TEST_F(FunctionalCall, AStepOfTrainingCanBeDifferentiated) {
  const Linear layer(3, 2);
  const auto y = randn({5, 2});
  const auto after_a_step = [&](const Tensor& rate) {
    const auto [g] = grad(mse_loss(layer(x), y), {layer.weight}, {.create_graph = true});
    return mse_loss(functional_call(layer, {{"weight", layer.weight - rate * g}}, x), y);
  };
  testing::gradcheck(after_a_step, {tensor({0.1}, Shape{})});
}

TEST_F(FunctionalCall, LeavesTheModelWhenItThrows) {
  const Net net;
  const auto before = net(x);
  EXPECT_NE(error_of([&] { functional_call(net, {{"first.weight", ones({4, 7})}}, x); }), "no error");
  EXPECT_EQ(error_of([&] {
              functional_call(net, {{"third.weight", ones({4, 3})}}, x);
            }),
            "functional_call: the model has no parameter or buffer \"third.weight\"");
  EXPECT_EQ(error_of([&] {
              functional_call(net, {{"scale", ones({2})}, {"scale", ones({2})}}, x);
            }),
            "functional_call: \"scale\" is given twice");
  EXPECT_EQ(error_of([&] {
              functional_call(net, {{"scale", Tensor()}}, x);
            }),
            "functional_call: \"scale\" is an undefined tensor");
  EXPECT_TRUE(same(net(x), before));
  const Net copy = net;
  EXPECT_TRUE(copy.scale.is(net.scale));  // handles are copied as before
}

TEST_F(FunctionalCall, ReachesParametrisationsAndLeavesBuffers) {
  const Sequential net{parametrize(Linear(3, 4), SpectralNorm{}), BatchNorm1d(4)};
  const auto state = net.state_dict();
  const auto weight = randn({4, 3});
  const auto y = functional_call(net, {{"0.original", weight}}, x);
  for (const auto& [name, value] : net.state_dict()) EXPECT_TRUE(same(value, state[name])) << name;
  const Sequential other = net.clone();
  Tensor(other.named_parameters()["0.original"]).requires_grad_(false).copy_(weight);
  EXPECT_TRUE(same(y.detach(), other(x).detach()));
  EXPECT_FALSE(same(other.named_buffers()["1.running_mean"], state["1.running_mean"]));
}

TEST_F(FunctionalCall, OneModelIsManyWithWeightsOfMany) {
  const Sequential net{Linear(3, 4), Tanh(), Linear(4, 2)};
  NamedTensors many;
  for (const auto& [name, p] : net.named_parameters()) many.emplace_back(name, randn(p.shape().inserted(0, 7)));
  const auto y = functional_call(net, many, x);
  EXPECT_EQ(y.shape(), Shape({7, 5, 2}));
  NamedTensors third;
  for (const auto& [name, p] : many) third.emplace_back(name, p.select(0, 2));
  EXPECT_TRUE(same(y.select(0, 2), functional_call(net, third, x)));
}

TEST_F(FunctionalCall, InACapturedStep) {
  const Sequential net{Linear(3, 4), BatchNorm1d(4), Tanh(), Linear(4, 2)};
  Tensor shift = zeros({});
  const auto loss = [&] {
    NamedTensors shifted;
    for (const auto& [name, p] : net.named_parameters()) shifted.emplace_back(name, p + shift);
    return square(functional_call(net, shifted, x)).sum();
  };
  auto step = capture([&] {
    net.zero_grad();
    const auto value = loss();
    value.backward();
    return value;
  });
  for (const double by : {0.0, 0.1, -0.2}) {
    shift.fill_(by);
    step();
    EXPECT_EQ(step.output().item(), loss().item());
    const auto [g] = grad(loss(), {net.parameters()[0]});
    EXPECT_TRUE(same(net.parameters()[0].grad(), g));
  }
}

TEST_F(ParameterVector, GoesThereAndBack) {
  const Net net, other;
  const auto vector = parameters_to_vector(net);
  EXPECT_EQ(vector.shape(), Shape{26});
  vector_to_parameters(vector, other);
  EXPECT_TRUE(same(other(x), net(x)));
  EXPECT_TRUE(other.scale.requires_grad());
  square(vector).sum().backward();
  EXPECT_TRUE(same(net.layers[0].weight.grad(), 2.0 * net.layers[0].weight));
  EXPECT_EQ(error_of([&] { vector_to_parameters(ones({25}), net); }),
            "vector_to_parameters: the vector must be [26], got [25]");
  EXPECT_EQ(error_of([&] { vector_to_parameters(ones({26}, f32), net); }),
            "vector_to_parameters: dtypes differ: f32 and f64 (convert one with to())");
  EXPECT_EQ(error_of([] { parameters_to_vector(std::vector<Tensor>{}); }),
            "parameters_to_vector: needs at least one parameter");
}

}  // namespace
}  // namespace sigmagrad::nn
