// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::nn {
namespace {

using testing::error_of;
using testing::same;

Sequential network(std::int64_t width = 4) { return Sequential{Linear(2, width), ReLU(), Linear(width, 1)}; }

struct Scaled : Module {
  Linear layer;
  Tensor scale;
  explicit Scaled(double by)
      : layer(register_module("layer", Linear(2, 1))), scale(register_buffer("scale", full({1, 1}, by))) {}
  Tensor operator()(const Tensor& x) const { return layer(x) * scale; }
};

TEST(StackModels, ComputesWhatEachDoes) {
  const std::vector<Sequential> models{network(), network(), network()};
  const auto x = randn({5, 2}), each = randn({3, 5, 2});
  const auto many = stack_models(models);
  EXPECT_EQ(many.named_parameters()["0.weight"].shape(), (Shape{3, 4, 2}));
  EXPECT_EQ(many.named_parameters()["2.bias"].shape(), (Shape{3, 1}));
  for (std::int64_t m = 0; m < 3; ++m) {
    const auto& own = models[static_cast<std::size_t>(m)];
    EXPECT_TRUE(same(many(x)[m], own(x))) << m;
    EXPECT_TRUE(same(many(each)[m], own(each[m]))) << m;
  }
}

TEST(StackModels, GivesEachItsGradientAndLeavesTheModelsAlone) {
  const std::vector<Sequential> models{network(), network()};
  const auto x = randn({5, 2});
  const auto many = stack_models(models);
  square(many(x)).sum().backward();
  EXPECT_FALSE(models[0].parameters()[0].grad().defined());
  for (std::int64_t m = 0; m < 2; ++m) {
    const auto& own = models[static_cast<std::size_t>(m)];
    square(own(x)).sum().backward();
    for (std::size_t k = 0; k < 4; ++k)
      EXPECT_TRUE(same(many.parameters()[k].grad()[m], own.parameters()[k].grad())) << m << k;
  }
  NoGrad guard;
  many.parameters()[0].zero_();
  EXPECT_GT(max(abs(models[0].parameters()[0])).item(), 0.0);
}

TEST(StackModels, StacksBuffersAndKeepsWhatIsFrozen) {
  std::vector<Scaled> models{Scaled(2.0), Scaled(3.0)};
  models[0].layer.bias.requires_grad_(false);
  const auto many = stack_models(models);
  const auto x = randn({5, 2});
  EXPECT_TRUE(same(many(x)[1], models[1](x)));
  EXPECT_TRUE(many.layer.weight.requires_grad());
  EXPECT_FALSE(many.layer.bias.requires_grad());
}

TEST(StackModels, RefusesModelsOfTwoKinds) {
  EXPECT_EQ(error_of([] { stack_models(std::vector<Linear>{}); }), "stack_models: needs at least one model");
  EXPECT_EQ(error_of([] {
              stack_models(std::vector{network(4), network(5)});
            }),
            "stack_models: models of one kind are expected, got \"0.weight\" [4, 2] and \"0.weight\" [5, 2]");
  EXPECT_EQ(error_of([] {
              stack_models(std::vector{Linear(2, 1), Linear(2, 1, {.bias = false})});
            }),
            "stack_models: models of one kind are expected, got 2 and 1 tensors");
}

}  // namespace
}  // namespace sigmagrad::nn
