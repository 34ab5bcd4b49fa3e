// SPDX-License-Identifier: BSD-3-Clause
// What may be done with the parameters of a module.
#include <type_traits>
#include <utility>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::nn {
namespace {

using testing::error_of;
using testing::same;

using Weight = decltype(Linear::weight);
static_assert(!std::is_assignable_v<Weight&, Tensor>);
static_assert(!std::is_assignable_v<Weight&, Tensor&>);
static_assert(!std::is_assignable_v<Weight&, const Tensor&>);
static_assert(!std::is_assignable_v<Weight&, Weight&>);
static_assert(!std::is_assignable_v<Weight&, const Weight&>);
static_assert(!std::is_assignable_v<decltype(LayerNorm::bias)&, Tensor>);
static_assert(!std::is_assignable_v<decltype(BatchNorm1d::weight)&, Tensor>);
static_assert(!std::is_assignable_v<decltype(Parametrized<Linear>::original)&, Tensor>);
static_assert(!std::is_assignable_v<decltype(BatchNorm1d::running_mean)&, Tensor>);
static_assert(!std::is_assignable_v<Buffer&, const Buffer&>);
static_assert(!std::is_constructible_v<Parameter, Tensor> && !std::is_constructible_v<Buffer, Tensor>);
static_assert(std::is_convertible_v<Parameter, Tensor> && std::is_convertible_v<Parameter&, const Tensor&>);
static_assert(!std::is_assignable_v<decltype(std::declval<Linear>().parameters()[0]), Tensor>);
static_assert(std::is_copy_assignable_v<Linear> && std::is_copy_assignable_v<Sequential>);
static_assert(std::is_copy_assignable_v<Parametrized<Linear>> && std::is_copy_assignable_v<ModuleList<Linear>>);

TEST(Parameter, ReadsAsATensorAndChangesInPlace) {
  Linear layer(2, 2, {.bias = false});
  const auto optimiser_sees = layer.parameters()[0];
  {
    const NoGrad guard;
    layer.weight.copy_(eye(2));
    layer.weight += 1.0;
  }
  EXPECT_TRUE(same(optimiser_sees.detach(), eye(2) + 1.0));
  const Tensor handle = layer.weight;
  EXPECT_TRUE(handle.is(layer.weight));
  EXPECT_TRUE(same(layer.weight + handle, 2.0 * handle));
}

TEST(Parameter, IsWhatRegistrationReturns) {
  struct Net : Module {
    Parameter first, second;
    std::vector<Tensor> more;
    Net() : first(register_parameter("first", ones({2}))) {
      second = register_parameter("second", ones({3}));
      more.push_back(register_parameter("third", ones({4})));
    }
  };
  const Net net;
  EXPECT_TRUE(net.first.is(net.parameters()[0]) && net.second.is(net.parameters()[1]));
  EXPECT_TRUE(net.more[0].is(net.parameters()[2]));
  const Net copy = clone(net);
  EXPECT_TRUE(copy.first.is(copy.parameters()[0]));
  EXPECT_FALSE(copy.first.is(net.first));
}

struct Twice : Function<Twice> {
  static Tensor forward(Context&, const Tensor& x) { return 2.0 * x; }
  static std::vector<Tensor> backward(Context&, const Tensor& grad) { return {2.0 * grad}; }
};

TEST(Parameter, GoesWhereATensorGoes) {
  const Linear layer(2, 2, {.bias = false});
  const auto cube = [](const Tensor& w) { return (w * w * w).sum(); };
  Twice::apply(layer.weight).sum().backward();
  EXPECT_TRUE(same(layer.weight.grad(), full({2, 2}, 2.0)));
  const Tensor handle = layer.weight;
  EXPECT_TRUE(same(hessian(cube, layer.weight), hessian(cube, handle)));
  EXPECT_TRUE(same(hvp(cube, layer.weight, layer.weight).products, hvp(cube, handle, handle).products));
  EXPECT_TRUE(same(jvp(cube, layer.weight, layer.weight).tangent, jvp(cube, handle, handle).tangent));
  EXPECT_TRUE(same(jacobian(cube, layer.weight), jacobian(cube, handle)));
  EXPECT_TRUE(same(vjp(cube, layer.weight, ones({})).gradients, vjp(cube, handle, ones({})).gradients));
  EXPECT_TRUE(same(hessian([&] { return cube(layer.weight); }, layer.weight), hessian(cube, handle)));
  auto step = capture([&] { return layer.weight; });
  EXPECT_TRUE(same(step().detach(), handle.detach()));
}

TEST(Parameter, AWholeLayerCanBeAssigned) {
  const Linear first(2, 2);
  Linear second(3, 3);
  second = first;
  EXPECT_TRUE(second.weight.is(first.weight) && second.parameters()[1].is(first.bias));
  second = Linear(4, 4);
  EXPECT_TRUE(second.weight.is(second.parameters()[0]));
  EXPECT_EQ(second.weight.shape(), Shape({4, 4}));
  EXPECT_EQ(first.weight.shape(), Shape({2, 2}));
}

struct Part : Module {
  using Module::register_module;
};

TEST(ModuleList, NamesItsPartsByPosition) {
  struct Net : Module {
    ModuleList<Linear> blocks;
    Net() : blocks(register_module("blocks", ModuleList<Linear>())) {
      for (int i = 0; i < 3; ++i) blocks.append(Linear(2, 2, {.bias = i == 0}));
    }
    Tensor operator()(Tensor x) const {
      for (const auto& block : blocks) x = block(x);
      return x;
    }
  };
  const Net net;
  std::string names;
  for (const auto& [name, p] : net.named_parameters()) names += name + ' ';
  EXPECT_EQ(names, "blocks.0.weight blocks.0.bias blocks.1.weight blocks.2.weight ");
  EXPECT_EQ(net.blocks.size(), 3u);
  EXPECT_TRUE(net.blocks[2].weight.is(net.parameters()[3]));
  const auto x = ones({1, 2});
  EXPECT_TRUE(same(net(x), net.blocks[2](net.blocks[1](net.blocks[0](x)))));
  EXPECT_EQ(error_of([&] { net.blocks[3](x); }), "ModuleList: no part 3 among 3");
  const Net copy = clone(net);
  EXPECT_FALSE(copy.blocks[0].weight.is(net.blocks[0].weight));
  EXPECT_TRUE(copy.blocks[0].weight.is(copy.parameters()[0]));
  net.eval();
  EXPECT_FALSE(net.blocks[1].is_training());
  EXPECT_EQ(ModuleList<Linear>({Linear(1, 1), Linear(1, 1)}).size(), 2u);
  EXPECT_TRUE(ModuleList<Linear>().empty());
}

TEST(ModuleList, IsWhatADottedNameAsksFor) {
  EXPECT_EQ(error_of([] { Part().register_module("blocks.0", Linear(1, 1)); }),
            "Module: a name must not hold a dot (got \"blocks.0\"): parts in a row are a ModuleList, registered as "
            "\"blocks\"");
}

TEST(LoadStateDict, ReportsWhatIsMissingAndUnknown) {
  const Linear layer(2, 2);
  const auto bias = layer.bias.detach().clone();
  const auto result = layer.load_state_dict({{"weight", eye(2)}, {"gain", ones({2})}}, {.strict = false});
  EXPECT_EQ(result.missing, std::vector<std::string>{"bias"});
  EXPECT_EQ(result.unknown, std::vector<std::string>{"gain"});
  EXPECT_TRUE(same(layer.weight.detach(), eye(2)));
  EXPECT_TRUE(same(layer.bias.detach(), bias));
  EXPECT_EQ(error_of([&] {
              layer.load_state_dict({{"weight", eye(3)}}, {.strict = false});
            }),
            "load_state_dict: \"weight\" has the shape [3, 3], expected [2, 2]");
  const auto all = layer.load_state_dict(layer.state_dict());
  EXPECT_TRUE(all.missing.empty() && all.unknown.empty());
}

TEST(LoadStateDict, RenamesEntriesAndWholeParts) {
  const Sequential net{Linear(2, 2), Linear(2, 2)};
  const NamedTensors state{
      {"fc.first.weight", eye(2)}, {"fc.first.bias", ones({2})}, {"fc.second.weight", eye(2)}, {"shift", zeros({2})}};
  const LoadOptions options{
      .rename = {{"fc.first.", "0."}, {"fc.", "none."}, {"fc.second.weight", "1.weight"}, {"shift", "1.bias"}}};
  net.load_state_dict(state, options);
  EXPECT_TRUE(same(net(eye(2)).detach(), eye(2) + 1.0));
  EXPECT_EQ(error_of([&] {
              net.load_state_dict(state, {.rename = {{"fc.first.", "1."}, {"fc.second.", "1."}}});
            }),
            "load_state_dict: \"1.weight\" is given twice");
}

}  // namespace
}  // namespace sigmagrad::nn
