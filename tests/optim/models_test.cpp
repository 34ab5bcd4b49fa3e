// SPDX-License-Identifier: BSD-3-Clause
// Many models at once: a rate, a norm and a step for each, to the bits of the model alone.
#include <array>
#include <cmath>
#include <limits>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::optim {
namespace {

using testing::error_of;
using testing::same;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
const std::vector<double> scales{1.0, 0.1, 0.0, 3.0, 1e-3};

// A user's own, which knows nothing of models.
struct SignSGD : Optimizer {
  SignSGD(std::vector<GroupOptions> groups, double lr) : Optimizer(std::move(groups), lr) {}
  void update(Tensor& p, const Tensor& grad, State& state, const Group& group) override {
    auto m = state.buffer("momentum", p);
    m.mul_(0.9).add_(grad);
    p.sub_(0.5 * group.lr() * m);
    p.sub_((0.1 * p) * group.lr());
  }
};

using Make = std::unique_ptr<Optimizer> (*)(std::vector<Tensor> params, double lr, Tensor lr_scale);

template <class O, auto options>
std::unique_ptr<Optimizer> make(std::vector<Tensor> params, double lr, Tensor lr_scale) {
  auto o = options();
  o.lr = lr;
  o.lr_scale = lr_scale;
  return std::make_unique<O>(std::move(params), o);
}

struct ModelsCase {
  const char* name;
  Make make;
};
void PrintTo(const ModelsCase& row, std::ostream* out) { *out << row.name; }

const std::vector<ModelsCase> cases{
    {"SGD", make<SGD, [] { return SGDOptions{.weight_decay = 0.1}; }>},
    {"SGDWithMomentum", make<SGD, [] { return SGDOptions{.momentum = 0.9}; }>},
    {"Adam", make<Adam, [] { return AdamOptions{.weight_decay = 0.1, .amsgrad = true}; }>},
    {"AdamW", make<AdamW, [] { return AdamWOptions{.weight_decay = 0.1}; }>},
    {"NAdam", make<NAdam, [] { return NAdamOptions{.weight_decay = 0.1, .decoupled_weight_decay = true}; }>},
    {"RAdam", make<RAdam,
                   [] {
                     return RAdamOptions{.betas = {0.8, 0.9}, .weight_decay = 0.1};
                   }>},
    {"AdaBelief", make<AdaBelief,
                       [] {
                         return AdaBeliefOptions{.betas = {0.8, 0.9}, .weight_decay = 0.1};
                       }>},
    {"RMSprop", make<RMSprop, [] { return RMSpropOptions{.momentum = 0.5, .centered = true}; }>},
    {"Adagrad", make<Adagrad, [] { return AdagradOptions{.lr_decay = 0.1, .initial_accumulator_value = 0.1}; }>},
    {"Muon", make<Muon, [] { return MuonOptions{.weight_decay = 0.1}; }>},
    {"Shampoo", make<Shampoo, [] { return ShampooOptions{.momentum = 0.5}; }>},
    {"GroupRMSprop", make<GroupRMSprop, [] { return GroupRMSpropOptions{.batch_axes = 1}; }>},
    {"AUsersOwn",
     [](std::vector<Tensor> params, double lr, Tensor lr_scale) -> std::unique_ptr<Optimizer> {
       return std::make_unique<SignSGD>(std::vector<GroupOptions>{{.params = params, .lr_scale = lr_scale}}, lr);
     }},
};

struct EveryOptimizerOfModels : ::testing::TestWithParam<ModelsCase> {
  // The weights [models, 5, 3] and [models, 3, 2] after steps whose rate changes, of the models that `from` begins.
  std::array<Tensor, 2> trained(std::int64_t from, std::int64_t count, Tensor lr_scale, double factor, bool captured,
                                Dtype dtype) const {
    Generator generator(5);
    const auto part = [&](const Shape& shape) {
      return randn(shape, generator).narrow(0, from, count).clone().to(dtype);
    };
    const auto target = part({5, 5, 2});
    auto w = part({5, 5, 3}).requires_grad_(), v = part({5, 3, 2}).requires_grad_();
    const auto optimizer = GetParam().make({w, v}, 0.01 * factor, lr_scale);
    const auto body = [&] {
      optimizer->zero_grad();
      square(matmul(w, v) - target).sum().backward();
      optimizer->step();
    };
    auto step = capture(body);
    for (int i = 0; i < 8; ++i) {
      optimizer->groups()[0].set_lr((0.01 + 0.01 * i) * factor);
      captured ? static_cast<void>(step()) : body();
    }
    return {w.detach(), v.detach()};
  }
};

TEST_P(EveryOptimizerOfModels, HasTheBitsOfEachModelAlone) {
  for (const Dtype dtype : {f64, f32})
    for (const bool captured : {false, true}) {
      const auto together = trained(0, 5, tensor(scales, {5}), 1.0, captured, dtype);
      for (std::size_t i = 0; i < scales.size(); ++i) {
        const auto m = static_cast<std::int64_t>(i);
        const auto alone = trained(m, 1, tensor({scales[i]}, {1}), 1.0, false, dtype);
        for (const std::size_t k : {0, 1}) EXPECT_TRUE(same(together[k].narrow(0, m, 1), alone[k])) << i << captured;
      }
    }
}

// A scale of 1/2 or 4 rounds nowhere: the rate is the same number.
TEST_P(EveryOptimizerOfModels, IsAsARateOfTheModelsOwn) {
  const auto together = trained(0, 5, tensor({0.5, 1, 4, 0, 0.25}, {5}), 1.0, false, f64);
  for (const auto& [m, factor] : {std::pair{0, 0.5}, {1, 1.0}, {2, 4.0}, {3, 0.0}})
    for (const std::size_t k : {0, 1})
      EXPECT_TRUE(same(together[k].narrow(0, m, 1), trained(m, 1, {}, factor, false, f64)[k])) << m;
}

INSTANTIATE_TEST_SUITE_P(Optimizers, EveryOptimizerOfModels, ::testing::ValuesIn(cases),
                         [](const ::testing::TestParamInfo<ModelsCase>& test) { return test.param.name; });

TEST(RatesOfModels, AreRefusedWhereTheyDoNotFit) {
  const auto w = ones({3, 2}).requires_grad_(), scalar = ones({}).requires_grad_();
  const auto scale = ones({3});
  EXPECT_EQ(error_of([&] { SGD({w}, {.lr_scale = ones({2})}); }),
            "optimizer: lr_scale has 2 entries, expected one for each model of a parameter [3, 2]");
  EXPECT_EQ(error_of([&] {
              Adam({w, scalar}, {.lr_scale = scale});
            }),
            "optimizer: lr_scale has 3 entries, expected one for each model of a parameter []");
  EXPECT_EQ(error_of([&] {
              SGD({w}, {.lr_scale = ones({3, 2})});
            }),
            "optimizer: lr_scale must be a vector (got [3, 2])");
  EXPECT_EQ(error_of([&] {
              SGD({w}, {.lr_scale = tensor({1, -1, 1}, {3})});
            }),
            "optimizer: lr_scale must be >= 0 (got an entry of -1)");
  EXPECT_EQ(error_of([&] {
              SGD({w}, {.lr_scale = tensor({1, nan, 1}, {3})});
            }),
            "optimizer: lr_scale must be >= 0 (got an entry of nan)");
  EXPECT_EQ(error_of([&] { Muon({w}, {.lr_scale = scale}); }),
            "Muon: lr_scale needs parameters of many models, [models, rows, columns] (got [3, 2])");
  EXPECT_EQ(error_of([&] { Shampoo({w}, {.lr_scale = scale}); }),
            "Shampoo: lr_scale needs parameters of many models, [models, rows, columns] (got [3, 2])");
  EXPECT_EQ(error_of([&] { GroupRMSprop({w}, {.lr_scale = scale}); }),
            "GroupRMSprop: lr_scale needs batch_axes >= 1: models share no norm");
}

TEST(RatesOfModels, AreNotReadAsOneNumber) {
  struct OneRate : Optimizer {
    explicit OneRate(std::vector<GroupOptions> groups) : Optimizer(std::move(groups), 0.1) {}
    void update(Tensor& p, const Tensor& grad, State&, const Group& group) override {
      const double lr = group.lr();
      p.sub_(lr * grad);
    }
  };
  auto w = ones({3, 2}).requires_grad_();
  w.set_grad(ones({3, 2}));
  OneRate optimizer({{.params = {w}, .lr_scale = ones({3})}});
  EXPECT_EQ(error_of([&] { optimizer.step(); }),
            "optimizer: lr_scale gives each model a rate of its own: multiply tensors by group.lr(), one at a time");
  EXPECT_TRUE(same(w.detach(), ones({3, 2})));
  EXPECT_EQ(optimizer.groups()[0].lr(), 0.1) << "what they share";
  SGD sgd({w}, {.lr_scale = ones({3})});
  sgd.after_step(proximal({w}, soft_threshold, 0.1));
  EXPECT_EQ(error_of([&] { sgd.step(); }),
            "proximal: a group of the optimiser has an lr_scale, expected one rate for all models");
}

TEST(RatesOfModels, AreACopyAndAnOptionOfGroups) {
  const auto w = zeros({2, 1}).requires_grad_(), v = zeros({2}).requires_grad_();
  for (auto p : {w, v}) p.set_grad(ones(p.shape()));
  Tensor scale = tensor({1, 0.5}, {2});
  SGD optimizer({{.params = {w}, .lr_scale = scale}, {.params = {v}}}, {.lr = 1.0});
  scale.zero_();
  optimizer.step();
  EXPECT_TRUE(same(w.detach(), tensor({-1, -0.5}, {2, 1})));
  EXPECT_TRUE(same(v.detach(), tensor({-1, -1}, {2})));
}

// Gradients [models, 4, 3] and [models, 3] of the models from one on.
std::vector<Tensor> gradients(std::int64_t from, std::int64_t count) {
  Generator generator(8);
  std::vector<Tensor> result;
  for (const Shape& shape : {Shape{6, 4, 3}, Shape{6, 3}}) {
    auto p = zeros(shape.with(0, count)).requires_grad_();
    p.set_grad((randn(shape, generator) * 3.0).narrow(0, from, count).clone());
    result.push_back(p);
  }
  return result;
}

TEST(ClippingOfModels, HasTheBitsOfEachModelAlone) {
  for (const double type : {1.0, 2.0, std::numeric_limits<double>::infinity()}) {
    const auto together = gradients(0, 6);
    const auto totals = clip_grad_norm_(together, 8.0, {.norm_type = type, .per_model = true});
    for (const std::int64_t m : {0, 2, 5}) {
      const auto alone = gradients(m, 1), single = gradients(m, 1);
      EXPECT_TRUE(same(clip_grad_norm_(alone, 8.0, {.norm_type = type, .per_model = true}), totals.narrow(0, m, 1)));
      EXPECT_NEAR(clip_grad_norm_(single, 8.0, type).item(), totals.select(0, m).item(), 1e-13);
      for (const std::size_t k : {0, 1}) {
        EXPECT_TRUE(same(together[k].grad().narrow(0, m, 1), alone[k].grad())) << m;
        EXPECT_TRUE(testing::close(alone[k].grad(), single[k].grad(), 1e-14)) << m;
      }
    }
  }
}

TEST(ClippingOfModels, IsCaptured) {
  const auto eager = gradients(0, 6), captured = gradients(0, 6);
  const ClipOptions options{.per_model = true};
  auto step = capture([&] { return clip_grad_norm_(captured, 1.0, options); });
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(same(step(), clip_grad_norm_(eager, 1.0, options)));
  EXPECT_TRUE(same(captured[0].grad(), eager[0].grad()));
}

TEST(ClippingOfModels, RefusesWhatItCannotTellApart) {
  auto p = gradients(0, 6);
  EXPECT_EQ(clip_grad_norm_(p, 1e9, ClipOptions{}).shape(), Shape{});
  p.push_back(gradients(0, 2)[0]);
  EXPECT_EQ(error_of([&] { clip_grad_norm_(p, 1.0, {.per_model = true}); }),
            "clip_grad_norm_: per_model needs one first axis of all parameters, that of the models (got [6, 4, 3] and "
            "[2, 4, 3])");
  EXPECT_EQ(error_of([&] { clip_grad_norm_({}, 1.0, {.per_model = true}); }),
            "clip_grad_norm_: no parameter has a gradient, expected one for each model");
  EXPECT_EQ(error_of([&] { clip_grad_norm_(p, -1.0, {.per_model = true}); }),
            "clip_grad_norm_: max_norm must be >= 0 (got -1)");
}

// SAM's two gradients, with a norm for each model.
TEST(SAMOfModels, HasTheBitsOfEachModelAlone) {
  const auto trained = [](std::int64_t from, std::int64_t count, bool adaptive) {
    Generator generator(5);
    const auto target = randn({4, 5, 3}, generator).narrow(0, from, count).clone();
    auto w = randn({4, 5, 3}, generator).narrow(0, from, count).clone().requires_grad_();
    SGD optimizer({w}, {.lr = 0.01, .momentum = 0.9});
    SAM sam(optimizer, {.rho = 0.3, .adaptive = adaptive, .per_model = true});
    for (int i = 0; i < 5; ++i)
      sam.step([&] {
        sam.zero_grad();
        const auto loss = square(square(w) - target).sum();
        loss.backward();
        return loss;
      });
    return w.detach();
  };
  for (const bool adaptive : {false, true})
    for (const std::int64_t m : {0, 3})
      EXPECT_TRUE(same(trained(0, 4, adaptive).narrow(0, m, 1), trained(m, 1, adaptive))) << m;
}

}  // namespace
}  // namespace sigmagrad::optim
