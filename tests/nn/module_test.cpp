// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/creation.hpp>
#include <sigmagrad/autograd/elementwise.hpp>
#include <sigmagrad/autograd/grad_mode.hpp>
#include <sigmagrad/nn/activations.hpp>
#include <sigmagrad/nn/linear.hpp>
#include <sigmagrad/nn/module.hpp>
#include <sigmagrad/nn/sequential.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::nn {
namespace {

using testing::error_of;
using testing::same;
using Names = std::vector<std::string>;

Names names_of(const NamedTensors& tensors) {
  Names names;
  for (const auto& [name, value] : tensors) names.push_back(name);
  return names;
}

struct Block : Module {
  Linear first;
  Tensor scale;
  Linear second;

  Block()
      : first(register_module("first", Linear(3, 2))),
        scale(register_parameter("scale", ones({2}))),
        second(register_module("second", Linear(2, 2, {.bias = false}))) {}
};

struct Net : Module {
  Tensor shift, mean;
  Block block;

  Net()
      : shift(register_parameter("shift", zeros({2}))),
        mean(register_buffer("mean", full({2}, 0.5))),
        block(register_module("block", Block())) {}
  Tensor operator()(const Tensor& x) const { return block.second(block.first(x) * block.scale) + shift - mean; }
};

struct Register : Module {
  using Module::register_buffer;
  using Module::register_module;
  using Module::register_parameter;
};

TEST(Module, NamesNestInOrderOfRegistration) {
  const Net net;
  EXPECT_EQ(names_of(net.named_parameters()),
            (Names{"shift", "block.scale", "block.first.weight", "block.first.bias", "block.second.weight"}));
  EXPECT_EQ(names_of(net.named_buffers()), Names{"mean"});
  const auto named = net.named_parameters();
  const auto parameters = net.parameters();
  ASSERT_EQ(parameters.size(), named.size());
  for (std::size_t i = 0; i < named.size(); ++i) EXPECT_TRUE(parameters[i].is(named[i].second));
  EXPECT_TRUE(named[2].second.is(net.block.first.weight));
}

TEST(Module, ParametersAreLeavesAndBuffersAreNot) {
  Register module;
  const auto x = ones({2}).requires_grad_();
  const auto weight = module.register_parameter("weight", 2.0 * x);
  const auto buffer = module.register_buffer("buffer", 3.0 * x);
  EXPECT_TRUE(weight.requires_grad());
  EXPECT_FALSE(buffer.requires_grad());
  (weight * buffer).sum().backward();
  EXPECT_TRUE(same(weight.grad(), full({2}, 3.0)));
  EXPECT_FALSE(x.grad().defined());
}

TEST(Module, ACopyIsTheSameModel) {
  const Net net;
  Net copy = net;
  const auto x = ones({1, 3});
  {
    const NoGrad guard;
    copy.shift.fill_(4.0);
  }
  EXPECT_TRUE(same(net(x), copy(x)));
  EXPECT_EQ(net.shift.data<double>()[0], 4.0);
  copy.eval();
  EXPECT_FALSE(net.is_training());
}

TEST(Module, TrainAndEvalReachEveryPart) {
  Net net;
  EXPECT_TRUE(net.is_training() && net.block.is_training() && net.block.first.is_training());
  net.eval();
  EXPECT_FALSE(net.is_training() || net.block.is_training() || net.block.first.is_training());
  net.train();
  EXPECT_TRUE(net.is_training() && net.block.is_training() && net.block.first.is_training());
}

TEST(Module, ZeroGradReachesEveryPart) {
  Net net;
  net(ones({1, 3})).sum().backward();
  for (const auto& parameter : net.parameters()) EXPECT_TRUE(parameter.grad().defined());
  net.zero_grad();
  for (const auto& parameter : net.parameters()) EXPECT_FALSE(parameter.grad().defined());
}

TEST(Module, NamesMustBeNewAndWithoutDots) {
  Register module;
  module.register_parameter("w", ones({1}));
  module.register_buffer("mean", ones({1}));
  module.register_module("part", Linear(1, 1));
  const std::string taken = "Module: \"w\" is registered already";
  EXPECT_EQ(error_of([&] { module.register_parameter("w", ones({1})); }), taken);
  EXPECT_EQ(error_of([&] { module.register_buffer("w", ones({1})); }), taken);
  EXPECT_EQ(error_of([&] { module.register_module("w", Linear(1, 1)); }), taken);
  EXPECT_EQ(error_of([&] { module.register_buffer("part", ones({1})); }), "Module: \"part\" is registered already");
  EXPECT_EQ(error_of([&] { module.register_parameter("mean", ones({1})); }), "Module: \"mean\" is registered already");
  EXPECT_EQ(error_of([&] { module.register_parameter("a.b", ones({1})); }),
            "Module: a name must not be empty or hold a dot (got \"a.b\")");
  EXPECT_EQ(error_of([&] { module.register_module("", Linear(1, 1)); }),
            "Module: a name must not be empty or hold a dot (got \"\")");
  EXPECT_NE(error_of([&] { module.register_parameter("undefined", Tensor()); }), "no error");
  EXPECT_EQ(names_of(module.named_parameters()), (Names{"w", "part.weight", "part.bias"}));
  EXPECT_EQ(names_of(module.named_buffers()), Names{"mean"});
}

TEST(Module, SharedTensorsAndPartsCountOnce) {
  const Linear layer(2, 2, {.bias = false});
  const Sequential twice{layer, ReLU(), layer};
  EXPECT_EQ(names_of(twice.named_parameters()), Names{"0.weight"});
  struct Tied : Module {
    explicit Tied(const Tensor& weight) : shared(register_parameter("shared", weight)) {}
    Tensor shared;
  };
  EXPECT_TRUE(Tied(layer.weight).shared.is(layer.weight));
}

}  // namespace
}  // namespace sigmagrad::nn
