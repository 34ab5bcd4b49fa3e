// SPDX-License-Identifier: BSD-3-Clause
// Groups that override options. PyTorch's numbers with such groups are in golden_programs_test.cpp.
#include <type_traits>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sg = sigmagrad;

namespace sigmagrad::optim {
namespace {

using testing::error_of;
using testing::same;

template <class O>
concept AssignsTheRate = requires(O& optimizer) {
  optimizer.groups()[0].lr() = 0.1;
};
template <class G>
concept TakesMomentum = requires {
  G{.params = {}, .momentum = 0.5};
};
template <class G>
concept TakesBetas = requires {
  G{.params = {}, .betas = std::array{0.9, 0.99}};
};

static_assert(!AssignsTheRate<SGD>);
static_assert(!std::is_assignable_v<LearningRate, double> && !std::is_assignable_v<LearningRate&, double>);
static_assert(TakesMomentum<SGDGroup> && TakesMomentum<RMSpropGroup> && !TakesMomentum<AdamGroup>);
static_assert(TakesBetas<AdamGroup> && TakesBetas<AdamWGroup> && !TakesBetas<SGDGroup> && !TakesBetas<GroupOptions>);

Tensor parameter(double value = 1.0) {
  auto p = full({2}, value).requires_grad_();
  p.set_grad(full({2}, 0.5));
  return p;
}

// Both parameters after three steps.
template <class O>
std::vector<Tensor> trained(O&& optimizer, const std::vector<Tensor>& params) {
  for (int i = 0; i < 3; ++i) optimizer.step();
  return {params[0].detach(), params[1].detach()};
}

TEST(Groups, ReadAsTheyShould) {
  sg::nn::Linear layer(3, 2);
  sg::optim::AdamW optimizer({{.params = {layer.weight}}, {.params = {layer.bias}, .weight_decay = 0.0}},
                             {.lr = 0.1, .weight_decay = 0.5});
  const auto weight = layer.weight.detach().clone(), bias = layer.bias.detach().clone();
  for (auto* p : {&layer.weight, &layer.bias}) p->set_grad(sg::zeros(p->shape()));
  optimizer.step();
  EXPECT_TRUE(same(layer.weight, 0.95 * weight));
  EXPECT_TRUE(same(layer.bias, bias)) << "no decay";
}

// A group trains as an optimiser of its own with the same options would.
TEST(Groups, AreOptimisersOfTheirOwn) {
  const auto expect = [](auto grouped, auto first, auto second) {
    const std::vector<Tensor> together{parameter(), parameter(2.0)}, apart{parameter(), parameter(2.0)};
    const auto result = trained(grouped(together), together);
    trained(first({apart[0]}), apart);
    trained(second({apart[1]}), apart);
    EXPECT_TRUE(same(result[0], apart[0].detach()));
    EXPECT_TRUE(same(result[1], apart[1].detach()));
  };
  using Params = std::vector<Tensor>;
  expect(
      [](const Params& p) {
        return SGD({{.params = {p[0]}, .momentum = 0.9, .nesterov = true}, {.params = {p[1]}}},
                   {.lr = 0.1, .weight_decay = 0.1});
      },
      [](const Params& p) { return SGD(p, {.lr = 0.1, .momentum = 0.9, .weight_decay = 0.1, .nesterov = true}); },
      [](const Params& p) { return SGD(p, {.lr = 0.1, .weight_decay = 0.1}); });
  expect(
      [](const Params& p) {
        return Shampoo({{.params = {p[0]}, .momentum = 0.9, .eps = 0.1}, {.params = {p[1]}, .update_every = 2}},
                       {.lr = 0.1});
      },
      [](const Params& p) { return Shampoo(p, {.lr = 0.1, .momentum = 0.9, .eps = 0.1}); },
      [](const Params& p) { return Shampoo(p, {.lr = 0.1, .update_every = 2}); });
  expect(
      [](const Params& p) {
        return GroupRMSprop({{.params = {p[0]}, .alpha = 0.5, .batch_axes = 1}, {.params = {p[1]}, .eps = 0.1}},
                            {.lr = 0.1});
      },
      [](const Params& p) { return GroupRMSprop(p, {.lr = 0.1, .alpha = 0.5, .batch_axes = 1}); },
      [](const Params& p) { return GroupRMSprop(p, {.lr = 0.1, .eps = 0.1}); });
}

TEST(Groups, OfMuon) {
  Generator generator(1);
  const auto a = randn({3, 2}, generator).requires_grad_(), b = a.detach().clone().requires_grad_();
  for (auto p : {a, b}) p.set_grad(ones({3, 2}));
  Muon together({{.params = {a}, .nesterov = false, .exact = true}}), alone({b}, {.nesterov = false, .exact = true});
  together.step();
  alone.step();
  EXPECT_TRUE(same(a.detach(), b.detach()));
}

TEST(Groups, AreCapturedAndSaved) {
  const std::vector<Tensor> eager{parameter(), parameter()}, captured{parameter(), parameter()};
  const auto make = [](const std::vector<Tensor>& p) {
    return std::make_unique<Adam>(
        std::vector<AdamGroup>{{.params = {p[0]}, .lr = 0.1}, {.params = {p[1]}, .betas = std::array{0.5, 0.6}}});
  };
  const auto first = make(eager), second = make(captured);
  auto step = capture([&] { second->step(); });
  for (int i = 0; i < 4; ++i) {
    first->step();
    step();
  }
  for (const std::size_t i : {0, 1}) EXPECT_TRUE(same(captured[i].detach(), eager[i].detach()));
  make(captured)->load_state_dict(first->state_dict());
}

TEST(Groups, WithRatesAloneFitEveryOptimiser) {
  const std::vector<Tensor> p{parameter(), parameter()};
  const std::vector<GroupOptions> groups{{.params = {p[0]}, .lr = 0.5}, {.params = {p[1]}}};
  trained(SGD(groups, {.lr = 1.0}), p);
  EXPECT_EQ(p[0].data<double>()[0], 1.0 - 3 * 0.25);
  EXPECT_EQ(p[1].data<double>()[0], 1.0 - 3 * 0.5);
}

TEST(Groups, RefuseBadOptionsOfAGroup) {
  const auto p = parameter(), q = parameter();
  EXPECT_EQ(error_of([&] {
              Adam({{.params = {p}}, {.params = {q}, .betas = std::array{0.9, 1.5}}});
            }),
            "Adam: betas must be in [0, 1) (got 1.5)");
  EXPECT_EQ(error_of([&] { AdamW({{.params = {p}, .eps = -1}}); }), "AdamW: eps must be >= 0 (got -1)");
  EXPECT_EQ(error_of([&] { SGD({{.params = {p}, .nesterov = true}}); }),
            "SGD: nesterov needs momentum > 0 and dampening = 0 (got 0 and 0)");
  EXPECT_EQ(error_of([&] { GroupRMSprop({{.params = {p}, .batch_axes = -1}}); }),
            "GroupRMSprop: batch_axes must be >= 0 (got -1)");
  EXPECT_EQ(error_of([&] { NAdam({{.params = {p}, .momentum_decay = -1}}); }),
            "NAdam: momentum_decay must be >= 0 (got -1)");
  EXPECT_EQ(error_of([&] { RAdam({p}, {.lr = -1}); }), "RAdam: lr must be >= 0 (got -1)");
  EXPECT_EQ(error_of([&] { AdaBelief({p}, {.weight_decay = -1}); }), "AdaBelief: weight_decay must be >= 0 (got -1)");
}

// A user's own optimiser whose groups override its options.
struct LionOptions {
  double lr = 1e-2, beta = 0.9;
  Tensor lr_scale{};
  void check() const {
    if (!(beta < 1.0)) throw Error("Lion: beta");
  }
};
struct LionGroup {
  std::vector<Tensor> params;
  std::optional<double> lr{}, beta{};
  Tensor lr_scale{};
  LionOptions over(LionOptions o) const {
    take_given(std::tie(o.lr, o.beta, o.lr_scale), std::tie(lr, beta, lr_scale));
    return o;
  }
};
struct Lion : OptimizerWith<LionOptions, LionGroup> {
  using OptimizerWith::OptimizerWith;

 protected:
  void update(Tensor& p, const Tensor& grad, State& state, const Group& group) override {
    auto m = state.buffer("momentum", p);
    m.mul_(options(group).beta).add_(grad);
    p.sub_(group.lr() * m);
  }
};

// Weight decay by a factor that follows the rate.
struct Shrink : Optimizer {
  Shrink(std::vector<Tensor> params, double lr) : Optimizer(std::move(params), lr) {}

 protected:
  void update(Tensor& p, const Tensor&, State&, const Group& group) override {
    p.mul_(1.0 - group.lr() * 0.5).mul_(group.lr() + 1.0);
  }
};

TEST(Groups, RatesStandInSums) {
  Tensor p = ones({2}).requires_grad_();
  p.set_grad(ones({2}));
  Shrink optimizer({p}, 0.5);
  auto step = capture([&] { optimizer.step(); });
  step();
  optimizer.groups()[0].set_lr(1.0);
  step();
  EXPECT_TRUE(same(p.detach(), full({2}, 0.75 * 1.5 * 0.5 * 2.0)));
}

TEST(Groups, OfAUsersOwn) {
  const std::vector<Tensor> p{parameter(), parameter()};
  trained(Lion({{.params = {p[0]}, .beta = 0.0}, {.params = {p[1]}, .lr = 1.0, .beta = 0.5}}, {.lr = 0.5}), p);
  EXPECT_EQ(p[0].data<double>()[0], 1.0 - 3 * 0.25);
  EXPECT_EQ(p[1].data<double>()[0], 1.0 - (0.5 + 0.75 + 0.875));
  EXPECT_EQ(error_of([&] { Lion({{.params = {p[0]}, .beta = 2.0}}); }), "Lion: beta");
}

}  // namespace
}  // namespace sigmagrad::optim
