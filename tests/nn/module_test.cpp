// SPDX-License-Identifier: BSD-3-Clause
#include <sstream>

#include <sigmagrad/sigmagrad.hpp>
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

TEST(Module, ACloneHasItsOwnTensors) {
  const Net net;
  const Net copy = clone(net);
  EXPECT_EQ(names_of(copy.named_parameters()), names_of(net.named_parameters()));
  for (const auto& [name, value] : copy.named_parameters()) {
    EXPECT_TRUE(same(value, net.named_parameters()[name]));
    EXPECT_FALSE(value.is(net.named_parameters()[name]));
    EXPECT_TRUE(value.requires_grad());
  }
  EXPECT_TRUE(copy.block.first.weight.is(copy.named_parameters()["block.first.weight"]));
  EXPECT_TRUE(copy.mean.is(copy.named_buffers()["mean"]));
  const auto before = copy(ones({1, 3}));
  {
    const NoGrad guard;
    for (auto& p : net.parameters()) p.add_(1.0);
  }
  EXPECT_TRUE(same(copy(ones({1, 3})), before));
  const Tensor handle = net.shift;
  EXPECT_TRUE(handle.is(net.shift));  // copies of handles are handles again
}

TEST(Module, CloningASequentialClonesWhatItsLayersHold) {
  const Linear shared(2, 2);
  Sequential net{shared, ReLU(), Sequential(shared), [](const Tensor& x) { return 2.0 * x; }};
  const Sequential copy = net.clone();
  EXPECT_EQ(names_of(copy.named_parameters()), (Names{"0.weight", "0.bias"}));
  const auto before = copy(ones({1, 2}));
  EXPECT_TRUE(same(before, net(ones({1, 2}))));
  {
    const NoGrad guard;
    Tensor(shared.weight).fill_(9.0);
  }
  EXPECT_TRUE(same(copy(ones({1, 2})), before));
  net.eval();
  EXPECT_TRUE(copy.is_training());
  EXPECT_TRUE(net.layer<Linear>(0)->weight.is(shared.weight));
  EXPECT_EQ(net.layer<Linear>(1), nullptr);
}

TEST(Module, AClonesFrozenParametersAreFrozen) {
  Linear layer(2, 2);
  layer.weight.requires_grad_(false);
  const auto copy = layer.clone();
  EXPECT_FALSE(copy.weight.requires_grad());
  EXPECT_TRUE(copy.bias.requires_grad());
}

TEST(Module, StateIsCopiedOutAndIn) {
  const Net first;
  Net second;
  const auto state = first.state_dict();
  EXPECT_EQ(names_of(state),
            (Names{"shift", "block.scale", "block.first.weight", "block.first.bias", "block.second.weight", "mean"}));
  {
    const NoGrad guard;
    Tensor(first.mean).fill_(8.0);
  }
  EXPECT_TRUE(same(state["mean"], full({2}, 0.5)));
  second.load_state_dict(first.state_dict());
  EXPECT_TRUE(same(second(ones({1, 3})), first(ones({1, 3}))));
  EXPECT_TRUE(second.shift.requires_grad());
}

TEST(Module, LoadingRefusesWhatDoesNotFitAndChangesNothing) {
  Linear layer(2, 2);
  const auto before = layer.weight.detach().clone();
  const auto load = [&](const NamedTensors& state) { return error_of([&] { layer.load_state_dict(state); }); };
  const Tensor w = ones({2, 2}), b = ones({2});
  EXPECT_EQ(load({{"weight", w}}), "load_state_dict: \"bias\" is missing");
  EXPECT_EQ(load({{"weight", w}, {"bias", ones({3})}}), "load_state_dict: \"bias\" has the shape [3], expected [2]");
  EXPECT_EQ(load({{"weight", w}, {"bias", b}, {"gain", b}}), "load_state_dict: \"gain\" is unknown here");
  EXPECT_EQ(load({{"weight", w}, {"bias", b}, {"bias", b}}), "load_state_dict: \"bias\" is given twice");
  EXPECT_TRUE(same(layer.weight, before));
  EXPECT_EQ(load({{"bias", b.to(f32)}, {"weight", w}}), "no error");
  EXPECT_TRUE(same(layer.weight, w));
  EXPECT_EQ(layer.bias.dtype(), f64);
}

TEST(Module, ToConvertsInPlace) {
  Net net;
  const auto saved = square(net.block.scale);
  net(ones({1, 3})).sum().backward();
  const auto grad = net.block.scale.grad().clone();
  const auto transposed = net.block.first.weight.t();
  const auto before = transposed.clone();
  net.to(f32);
  EXPECT_EQ(net.block.first.weight.dtype(), f32);
  EXPECT_EQ(net.mean.dtype(), f32);
  EXPECT_TRUE(net.shift.requires_grad());
  EXPECT_TRUE(same(net.block.scale.grad(), grad.to(f32)));
  EXPECT_EQ(net(ones({1, 3}, f32)).dtype(), f32);
  EXPECT_TRUE(same(transposed.detach(), before));
  EXPECT_NE(error_of([&] { saved.sum().backward(); }), "no error");
  net.zero_grad();
  net(ones({1, 3}, f32)).sum().backward();
  EXPECT_EQ(net.block.scale.grad().dtype(), f32);
}

TEST(Module, RegisteredValuesAreCopiesButForLeaves) {
  Register module;
  Tensor start = ones({2});
  const auto first = module.register_parameter("first", start), second = module.register_parameter("second", start);
  const auto buffer = module.register_buffer("buffer", start);
  start.fill_(7.0);
  {
    const NoGrad guard;
    Tensor(first).add_(1.0);
  }
  EXPECT_TRUE(same(first, full({2}, 2.0)));
  EXPECT_TRUE(same(second, ones({2})));
  EXPECT_TRUE(same(buffer, ones({2})));
}

TEST(Module, AGradientFromBeforeAConversionIsRefused) {
  Linear layer(2, 2);
  const auto loss = layer.bias.sum();
  layer.to(f32);
  EXPECT_EQ(error_of([&] { loss.backward(); }),
            "backward: a gradient is f64, its tensor [2] f32: was a model converted after its graph was made?");
  EXPECT_FALSE(layer.bias.grad().defined());
}

TEST(Module, NewModelsDoNotMakeCapturedStepsRecordAnew) {
  const Linear layer(2, 2);
  const auto x = ones({1, 2});
  int captured = 0;
  auto step = capture([&] {
    ++captured;
    return layer(x).sum();
  });
  for (int i = 0; i < 5; ++i) {
    step();
    const Linear other(2, 2), copy = layer.clone();
    hessian([](const Tensor& y) { return square(y).sum(); }, x);
  }
  EXPECT_EQ(captured, 1);
  Tensor(layer.weight).requires_grad_(false);
  step();
  EXPECT_EQ(captured, 2);
}

TEST(Module, CopiesOfASequentialShareItsLayers) {
  Sequential first{Linear(2, 2)};
  Sequential second = first;
  second.append(Linear(2, 3));
  EXPECT_EQ(first(ones({1, 2})).shape(), Shape({1, 3}));
  EXPECT_EQ(first.parameters().size(), 4u);
  const std::function<Tensor(const Tensor&)> twice = [](const Tensor& x) { return 2.0 * x; };
  Sequential third{twice};
  third.append_layer(third, 0);
  EXPECT_TRUE(same(third(ones({1})), full({1}, 4.0)));
}

TEST(Module, ClonesNestInCopyConstructors) {
  struct Nested : Module {
    Linear own, after;
    Nested() : own(register_module("own", Linear(1, 1))), after(register_module("after", Linear(1, 1))) {}
    Nested(const Nested& other) : Module(other), own(other.own), after((clone(Linear(2, 2)), other.after)) {}
  };
  const Nested model, copy = clone(model);
  EXPECT_FALSE(copy.own.weight.is(model.own.weight));
  EXPECT_FALSE(copy.after.weight.is(model.after.weight));
}

TEST(Module, ACapturedStepNoticesAConversion) {
  Linear layer(2, 2);
  const auto x = ones({1, 2});
  auto step = capture([&] { return layer(x).sum(); });
  step();
  layer.to(f32);
  EXPECT_NE(error_of(step), "no error");
}

TEST(Module, PrintsLayersShapesAndNumbers) {
  const auto text = [](const auto& model) {
    std::ostringstream out;
    out << model;
    return out.str();
  };
  EXPECT_EQ(text(Linear(3, 2)), "Linear weight [2, 3], bias [2] (8 parameters)\n");
  EXPECT_EQ(text(Sequential{Linear(64, 128), ReLU(), Sequential{Linear(128, 10, {.bias = false})}}),
            "Sequential (9,600 parameters)\n"
            "  0: Linear weight [128, 64], bias [128] (8,320)\n"
            "  1: ReLU\n"
            "  2: Sequential\n"
            "    0: Linear weight [10, 128] (1,280)\n");
  EXPECT_EQ(text(Net()),
            "Net shift [2] (16 parameters)\n"
            "  block: Block scale [2] (2)\n"
            "    first: Linear weight [2, 3], bias [2] (8)\n"
            "    second: Linear weight [2, 2] (4)\n");
  EXPECT_EQ(text(parametrize(Linear(3, 2, {.bias = false}), Multipliers{})),
            "Parametrized<Linear> original [2, 3], row [2], col [3] (11 parameters)\n");
}

TEST(Module, FreezesEveryParameter) {
  const Net net;
  net.requires_grad_(false);
  for (const auto& p : net.parameters()) EXPECT_FALSE(p.requires_grad());
  net.requires_grad_();
  for (const auto& p : net.parameters()) EXPECT_TRUE(p.requires_grad());
}

}  // namespace
}  // namespace sigmagrad::nn
