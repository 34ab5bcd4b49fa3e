// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <limits>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sg = sigmagrad;

namespace sigmagrad::optim {
namespace {

using testing::close;
using testing::error_of;
using testing::same;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// A parameter with a gradient.
Tensor parameter(const std::vector<double>& values, const std::vector<double>& grad, Dtype dtype = f64) {
  const Shape shape{static_cast<std::int64_t>(values.size())};
  auto p = tensor(values, shape, dtype).requires_grad_();
  p.set_grad(tensor(grad, shape, dtype));
  return p;
}

struct SignSGD : sg::optim::Optimizer {
  struct Options {
    double lr = 1e-3;
  };
  SignSGD(std::vector<sg::Tensor> params, Options o) : Optimizer(std::move(params), o.lr) {}

 protected:
  void update(sg::Tensor& p, const sg::Tensor& grad, State&, const Group& group) override {
    p.sub_(group.lr() * sg::sign(grad));
  }
};

// Remembers the step count of each update.
struct Counter : Optimizer {
  explicit Counter(std::vector<Tensor> params) : Optimizer(std::move(params), 0.0) {}
  std::vector<std::pair<double, std::int64_t>> updates;  // the parameter's first entry, its step

 protected:
  void update(Tensor& p, const Tensor&, State& state, const Group&) override {
    EXPECT_FALSE(grad_enabled());
    updates.emplace_back(p.data<double>()[0], state.step);
  }
};

TEST(Optimizer, AUsersOwn) {
  const auto p = parameter({1, 2, 3}, {-5, 0, 0.1});
  SignSGD optimizer({p}, {.lr = 0.5});
  optimizer.step();
  EXPECT_TRUE(close(p.detach(), tensor({1.5, 2, 2.5}, {3}), 1e-15));
  EXPECT_TRUE(p.requires_grad());
  optimizer.groups()[0].set_lr(2.0);
  optimizer.step();
  EXPECT_TRUE(close(p.detach(), tensor({3.5, 2, 0.5}, {3}), 1e-15));
}

TEST(Optimizer, ParametersWithoutGradientAreLeftAlone) {
  auto first = parameter({1}, {1}), second = parameter({2}, {1});
  second.zero_grad();
  Counter optimizer({first, second});
  optimizer.step();
  optimizer.step();
  second.set_grad(ones({1}));
  first.zero_grad();
  optimizer.step();
  EXPECT_EQ(optimizer.updates, (std::vector<std::pair<double, std::int64_t>>{{1, 1}, {1, 2}, {2, 1}}));
}

TEST(Optimizer, ALateFirstGradientIsThatParametersFirstStep) {
  auto early = parameter({1}, {2}), late = parameter({1}, {2});
  late.zero_grad();
  Adam optimizer({early, late}, {.lr = 0.1});
  optimizer.step();
  EXPECT_NEAR(early.item(), 0.9, 1e-8);  // Adam's first step is lr, whatever the gradient
  EXPECT_EQ(late.item(), 1.0);
  late.set_grad(full({1}, -7.0));
  optimizer.step();
  EXPECT_NEAR(late.item(), 1.1, 1e-8);
}

TEST(Optimizer, ZeroGradDropsTheGradients) {
  const auto p = parameter({1}, {1});
  SGD optimizer({p}, {.lr = 1.0});
  optimizer.zero_grad();
  EXPECT_FALSE(p.grad().defined());
  optimizer.step();
  EXPECT_EQ(p.item(), 1.0);
}

TEST(Optimizer, GroupsHaveTheirOwnRates) {
  const auto slow = parameter({1}, {1}), fast = parameter({1}, {1});
  SGD optimizer({{.params = {slow}}, {.params = {fast}, .lr = 0.25}}, {.lr = 0.125});
  optimizer.step();
  EXPECT_EQ(slow.item(), 0.875);
  EXPECT_EQ(fast.item(), 0.75);
  optimizer.groups()[0].set_lr(0.5);
  EXPECT_EQ(optimizer.groups()[0].lr(), 0.5);
  optimizer.step();
  EXPECT_EQ(slow.item(), 0.375);
  EXPECT_EQ(fast.item(), 0.5);
}

TEST(Optimizer, GroupsOfModels) {
  sg::nn::Linear net(3, 2), head(2, 1);
  sg::optim::Adam opt({{.params = net.parameters(), .lr = 1e-3}, {.params = head.parameters(), .lr = 1e-2}},
                      {.betas = {0.9, 0.99}});
  const auto before = net.weight.detach().clone(), head_before = head.weight.detach().clone();
  head(net(sg::ones({1, 3}))).sum().backward();
  opt.step();
  EXPECT_NEAR(sg::max(sg::abs(net.weight - before)).item(), 1e-3, 1e-9);
  EXPECT_NEAR(sg::max(sg::abs(head.weight - head_before)).item(), 1e-2, 1e-8);
}

TEST(Optimizer, ARateOfZeroChangesNothing) {
  const auto p = parameter({1, -2}, {3, 4});
  SGD({p}, {.lr = 0.0, .momentum = 0.9}).step();
  Adam({p}, {.lr = 0.0}).step();
  EXPECT_TRUE(same(p.detach(), tensor({1, -2}, {2})));
}

TEST(Optimizer, ARefusedGradientIsNamedAtAReplayToo) {
  auto fine = parameter({1, 2}, {1, 1}, f32), huge = parameter({1, 2}, {1, 1}, f32);
  Adam optimizer({fine, huge}, {.lr = 0.1});
  auto step = sg::capture([&] { optimizer.step(); });
  step();
  const auto before = fine.detach().clone();
  huge.grad().copy_(tensor({-1e20, 1}, {2}).to(f32));
  EXPECT_EQ(
      error_of(step),
      "Adam: the gradient of parameter 1 [2] has an entry of -1e+20, expected one with which the f32 numbers that "
      "the optimiser keeps stay finite");
  EXPECT_TRUE(same(fine.detach(), before));
  EXPECT_EQ(optimizer.state_dict()["0.step"].item(), 1.0);
  huge.grad().copy_(ones({2}, f32));
  step();
  EXPECT_EQ(optimizer.state_dict()["1.step"].item(), 2.0);
  EXPECT_TRUE(same(fine.detach(), huge.detach())) << "as if nothing had been";
}

// Each square is finite, but not their sum.
TEST(Optimizer, SumsOfSquaresStayFinite) {
  const auto p = parameter({1}, {1.2e154});
  Adagrad adagrad({p}, {.lr = 0.0});
  Shampoo shampoo({p}, {.lr = 0.0});
  for (int i = 0; i < 2; ++i) {
    const auto expected = i == 0 ? "no error" : "Adagrad: the gradient of parameter 0 [1] has an entry of 1.2e+154";
    EXPECT_EQ(error_of([&] { adagrad.step(); }).substr(0, std::string(expected).size()), expected);
    EXPECT_EQ(error_of([&] { shampoo.step(); }) == "no error", i == 0);
  }
  const auto many = parameter(std::vector<double>(100, 1.0), std::vector<double>(100, 2e153));
  EXPECT_EQ(error_of([&] { GroupRMSprop({many}).step(); }).substr(0, 51),
            "GroupRMSprop: the gradient of parameter 0 [100] has");
}

TEST(Optimizer, CenteredRMSpropSurvivesAConstantGradient) {
  auto p = parameter({1, 2, 3}, {0.1, 0.3, 0.7});
  RMSprop optimizer({p}, {.alpha = 0.5, .centered = true});
  for (int i = 0; i < 200; ++i) optimizer.step();
  EXPECT_EQ(isfinite(p).sum().item(), 3.0);
}

TEST(Optimizer, SinglePrecisionStaysSingle) {
  const auto p = parameter({1}, {0.1}, f32);
  SGD({p}, {.lr = 0.3}).step();
  EXPECT_EQ(p.data<float>()[0], 1.0f - 0.3f * 0.1f);
}

TEST(Optimizer, RefusesWhatItCannotTrain) {
  const auto p = parameter({1, 2}, {1, 1});
  const auto plain = ones({2, 3});
  const auto result = 2.0 * p;
  EXPECT_EQ(error_of([&] { SGD({plain}); }), "optimizer: none of 1 parameters requires grad");
  EXPECT_EQ(error_of([&] { SGD(std::vector<Tensor>{}); }), "optimizer: none of 0 parameters requires grad");
  EXPECT_EQ(error_of([&] {
              SGD({p, result});
            }),
            "optimizer: a parameter of shape [2] is not a leaf but the result of an operation");
  EXPECT_EQ(error_of([&] { SGD({p, p}); }), "optimizer: a parameter of shape [2] is given twice");
  EXPECT_EQ(error_of([&] {
              SGD({{.params = {p}}, {.params = {p}}});
            }),
            "optimizer: a parameter of shape [2] is given twice");
  EXPECT_NE(error_of([] { SGD({Tensor()}); }), "no error");
}

TEST(Optimizer, FrozenParametersAreLeftAloneUntilTheyRequireGrad) {
  nn::Linear layer(2, 1);
  layer.weight.requires_grad_(false);
  const auto weight = layer.weight.clone(), bias = layer.bias.detach().clone();
  SGD optimizer(layer.parameters(), {.lr = 0.5});
  const auto step = [&] {
    optimizer.zero_grad();
    layer(ones({1, 2})).sum().backward();
    optimizer.step();
  };
  step();
  EXPECT_TRUE(same(layer.weight, weight));
  EXPECT_TRUE(same(layer.bias, bias - 0.5));
  layer.weight.requires_grad_();
  step();
  EXPECT_TRUE(same(layer.weight, weight - 0.5));
}

TEST(Optimizer, RefusesABadRate) {
  const auto p = parameter({1}, {1});
  EXPECT_EQ(error_of([&] { SignSGD({p}, {.lr = -1}); }), "optimizer: lr must be >= 0 (got -1)");
  EXPECT_EQ(error_of([&] { SGD({{.params = {p}, .lr = nan}}); }), "SGD: lr must be >= 0 (got nan)");
  SGD optimizer({p}, {.lr = 0.5});
  EXPECT_EQ(error_of([&] { optimizer.groups()[0].set_lr(nan); }), "optimizer: lr must be >= 0 (got nan)");
  EXPECT_EQ(error_of([&] { optimizer.groups()[0].set_lr(-0.1); }), "optimizer: lr must be >= 0 (got -0.1)");
  EXPECT_EQ(optimizer.groups()[0].lr(), 0.5);
}

TEST(Optimizer, RefusesBadOptions) {
  const auto p = parameter({1}, {1});
  const auto sgd = [&](SGDOptions o) { return error_of([&] { SGD({p}, o); }); };
  EXPECT_EQ(sgd({.lr = -1}), "SGD: lr must be >= 0 (got -1)");
  EXPECT_EQ(sgd({.lr = nan}), "SGD: lr must be >= 0 (got nan)");
  EXPECT_EQ(sgd({.momentum = -0.5}), "SGD: momentum must be >= 0 (got -0.5)");
  EXPECT_EQ(sgd({.weight_decay = -0.1}), "SGD: weight_decay must be >= 0 (got -0.1)");
  const std::string nesterov = "SGD: nesterov needs momentum > 0 and dampening = 0 (got ";
  EXPECT_EQ(sgd({.nesterov = true}), nesterov + "0 and 0)");
  EXPECT_EQ(sgd({.momentum = 0.9, .dampening = 0.5, .nesterov = true}), nesterov + "0.9 and 0.5)");
  const auto adam = [&](AdamOptions o) { return error_of([&] { Adam({p}, o); }); };
  EXPECT_EQ(adam({.lr = -2}), "Adam: lr must be >= 0 (got -2)");
  EXPECT_EQ(adam({.lr = nan}), "Adam: lr must be >= 0 (got nan)");
  EXPECT_EQ(adam({.betas = {1.0, 0.9}}), "Adam: betas must be in [0, 1) (got 1)");
  EXPECT_EQ(adam({.betas = {0.9, -0.1}}), "Adam: betas must be in [0, 1) (got -0.1)");
  EXPECT_EQ(adam({.eps = -1e-8}), "Adam: eps must be >= 0 (got -1e-08)");
  EXPECT_EQ(adam({.weight_decay = nan}), "Adam: weight_decay must be >= 0 (got nan)");
  EXPECT_EQ(error_of([&] { AdamW({p}, {.betas = {0.9, 1.0}}); }), "AdamW: betas must be in [0, 1) (got 1)");
  const auto rmsprop = [&](RMSpropOptions o) { return error_of([&] { RMSprop({p}, o); }); };
  EXPECT_EQ(rmsprop({.lr = -1}), "RMSprop: lr must be >= 0 (got -1)");
  EXPECT_EQ(rmsprop({.alpha = 1.5}), "RMSprop: alpha must be in [0, 1] (got 1.5)");
  EXPECT_EQ(rmsprop({.eps = -1}), "RMSprop: eps must be >= 0 (got -1)");
  EXPECT_EQ(rmsprop({.weight_decay = -1}), "RMSprop: weight_decay must be >= 0 (got -1)");
  EXPECT_EQ(rmsprop({.momentum = nan}), "RMSprop: momentum must be >= 0 (got nan)");
  const auto adagrad = [&](AdagradOptions o) { return error_of([&] { Adagrad({p}, o); }); };
  EXPECT_EQ(adagrad({.lr = -1}), "Adagrad: lr must be >= 0 (got -1)");
  EXPECT_EQ(adagrad({.lr_decay = -1}), "Adagrad: lr_decay must be >= 0 (got -1)");
  EXPECT_EQ(adagrad({.weight_decay = nan}), "Adagrad: weight_decay must be >= 0 (got nan)");
  EXPECT_EQ(adagrad({.initial_accumulator_value = -1}), "Adagrad: initial_accumulator_value must be >= 0 (got -1)");
  EXPECT_EQ(adagrad({.eps = -1}), "Adagrad: eps must be >= 0 (got -1)");
}

TEST(Optimizer, AnUpdateThatRebindsItsParameterIsRefused) {
  struct Rebinds : Optimizer {
    explicit Rebinds(std::vector<Tensor> params) : Optimizer(std::move(params), 0.1) {}
    void update(Tensor& p, const Tensor& grad, State&, const Group& group) override { p = p - group.lr() * grad; }
  };
  const auto p = parameter({1}, {1});
  Rebinds optimizer({p});
  EXPECT_EQ(error_of([&] { optimizer.step(); }),
            "optimizer: update made its parameter [1] another tensor; change it in place: p.sub_(...), p.copy_(...)");
}

TEST(Optimizer, AProximalPenaltyLeavesVectorsAlone) {
  const nn::Linear layer(3, 2);
  const auto bias = layer.bias.detach().clone(), weight = layer.weight.detach().clone();
  SGD optimizer(layer.parameters(), {.lr = 0.5});
  optimizer.after_step(proximal(layer.parameters(), nn::nuclear_penalty(), 0.1));
  layer.weight.sum().backward();
  layer.bias.sum().backward();
  optimizer.step();
  EXPECT_TRUE(close(layer.bias, bias - 0.5, 1e-15));
  EXPECT_TRUE(close(layer.weight, linalg::prox_nuclear(weight - 0.5, 0.05), 1e-14));
}

}  // namespace
}  // namespace sigmagrad::optim
