// SPDX-License-Identifier: BSD-3-Clause
// PyTorch's numbers are in golden_test.cpp.
#include <cmath>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sg = sigmagrad;

namespace sigmagrad::optim {
namespace {

using testing::error_of;
using testing::same;

struct Schedules : ::testing::Test {
  Tensor p = ones({2}).requires_grad_(), q = ones({2}).requires_grad_();
  SGD optimizer{{{.params = {p}}, {.params = {q}, .lr = 0.1}}, {.lr = 1.0}};
  double lr(std::size_t group = 0) const { return optimizer.groups()[group].lr(); }
};

TEST_F(Schedules, ReadAsTheyShould) {
  sg::optim::StepLR schedule(optimizer, {.step_size = 7});
  for (int k = 0; k < 7; ++k) schedule.step();
  EXPECT_DOUBLE_EQ(lr(), 0.1);
}

TEST_F(Schedules, EveryGroupHasItsOwnBase) {
  ExponentialLR schedule(optimizer, {.gamma = 0.5});
  schedule.step();
  schedule.step();
  EXPECT_EQ(lr(0), 0.25);
  EXPECT_EQ(lr(1), 0.1 * 0.25);
}

// A user's own.
struct Reciprocal : Schedule {
  explicit Reciprocal(Optimizer& optimizer)
      : Schedule(optimizer, [](std::int64_t k, double base) { return base / static_cast<double>(1 + k); }) {}
};

TEST_F(Schedules, AUsersOwn) {
  Reciprocal schedule(optimizer);
  for (int k = 0; k < 3; ++k) schedule.step();
  EXPECT_EQ(lr(), 0.25);
  Schedule lambda(optimizer, [](std::int64_t, double base) { return base + 1.0; });
  EXPECT_EQ(lr(), 1.25);
}

TEST_F(Schedules, OneAfterAnother) {
  Schedule schedule(optimizer,
                    sequential({LinearLR::rate({.start_factor = 0.5, .total_iters = 2}),
                                StepLR::rate({.step_size = 2, .gamma = 0.5}), [](std::int64_t, double) { return 7.0; }},
                               {2, 5}));
  std::vector<double> rates;
  for (int k = 0; k < 7; ++k, schedule.step()) rates.push_back(lr());
  EXPECT_EQ(rates, (std::vector<double>{0.5, 0.75, 1, 1, 0.5, 7, 7}));
}

TEST_F(Schedules, WarmupThenCosine) {
  Schedule schedule(optimizer, warmup(4, CosineAnnealingLR::rate({.T_max = 10}), 0.2));
  std::vector<double> rates;
  for (int k = 0; k < 15; ++k, schedule.step()) rates.push_back(lr());
  for (int k = 0; k < 4; ++k) EXPECT_NEAR(rates[static_cast<std::size_t>(k)], 0.2 + 0.2 * k, 1e-15);
  for (int k = 0; k <= 10; ++k)
    EXPECT_NEAR(rates[static_cast<std::size_t>(4 + k)], (1.0 + std::cos(std::acos(-1.0) * k / 10)) / 2, 1e-15);
  Schedule none(optimizer, warmup(0, [](std::int64_t k, double) { return 3.0 + static_cast<double>(k); }));
  EXPECT_EQ(lr(), 3.0);
}

TEST_F(Schedules, CapturedStepsFollow) {
  auto step = capture([&] {
    optimizer.zero_grad();
    (p.sum() + q.sum()).backward();
    optimizer.step();
  });
  ExponentialLR schedule(optimizer, {.gamma = 0.5});
  for (int k = 0; k < 3; ++k) {
    step();
    schedule.step();
  }
  EXPECT_EQ(p.data<double>()[0], 1.0 - 1.75);
  EXPECT_EQ(
      error_of(capture([&] { schedule.step(); })),
      "set_lr: not in the body of a captured step, which replays tensor operations only; set it between the calls");
  EXPECT_EQ(schedule.steps(), 3);
}

TEST_F(Schedules, GoOnWhereTheyLeftOff) {
  CosineAnnealingLR whole(optimizer, {.T_max = 10, .eta_min = 0.01});
  for (int k = 0; k < 4; ++k) whole.step();
  SGD other({{.params = {p}}, {.params = {q}}}, {.lr = 9.0});
  CosineAnnealingLR resumed(other, {.T_max = 10, .eta_min = 0.01});
  resumed.load_state_dict(whole.state_dict());
  EXPECT_EQ(resumed.steps(), 4);
  EXPECT_EQ(other.groups()[0].lr(), 9.0);  // the optimiser's own state
  other.load_state_dict(optimizer.state_dict());
  for (int k = 0; k < 3; ++k) {
    for (const std::size_t i : {0, 1}) EXPECT_EQ(other.groups()[i].lr(), lr(i)) << k;
    whole.step();
    resumed.step();
  }
}

TEST_F(Schedules, LoadAllOrNothing) {
  ExponentialLR schedule(optimizer, {.gamma = 0.5});
  schedule.step();
  const auto message = [&](const NamedTensors& saved) { return error_of([&] { schedule.load_state_dict(saved); }); };
  const auto one = ones({});
  EXPECT_EQ(message({{"steps", one}, {"base.0", one}}), "load_state_dict: \"base.1\" is missing");
  EXPECT_EQ(message({{"steps", one}, {"base.0", one}, {"base.1", one}, {"base.2", one}}),
            "load_state_dict: \"base.2\" is unknown here");
  EXPECT_EQ(message({{"steps", ones({2})}, {"base.0", one}, {"base.1", one}}),
            "load_state_dict: \"steps\" has the shape [2], expected []");
  EXPECT_EQ(message({{"steps", 0.5 * one}, {"base.0", one}, {"base.1", one}}),
            "load_state_dict: \"steps\" must be a whole number >= 0 (got 0.5)");
  EXPECT_EQ(message({{"steps", one}, {"base.0", one}, {"base.1", -one}}),
            "schedule: rates must be >= 0 (got -0.5 at step 1 for the base -1)");
  EXPECT_EQ(schedule.steps(), 1);
  EXPECT_EQ(lr(0), 0.5);
  EXPECT_EQ(lr(1), 0.05);
}

TEST_F(Schedules, RefuseABadRateBeforeAnyIsSet) {
  Schedule schedule(optimizer, [](std::int64_t k, double base) { return base < 1.0 ? base - 0.06 * k : base + k; });
  schedule.step();
  EXPECT_NE(error_of([&] { schedule.step(); }), "no error");
  EXPECT_EQ(lr(0), 2.0);
  EXPECT_NEAR(lr(1), 0.04, 1e-15);
  EXPECT_EQ(schedule.steps(), 1);
}

TEST_F(Schedules, OneCycleOfEveryGroupEndsWhereItShould) {
  OneCycleLR schedule(optimizer, {.total_steps = 10, .pct_start = 0.5});
  EXPECT_NEAR(lr(0), 1.0 / 25, 1e-15);
  EXPECT_NEAR(lr(1), 0.1 / 25, 1e-15);
  for (int k = 0; k < 4; ++k) schedule.step();
  EXPECT_DOUBLE_EQ(lr(0), 1.0);
  EXPECT_DOUBLE_EQ(lr(1), 0.1);
  for (int k = 4; k < 10; ++k) schedule.step();
  EXPECT_NEAR(lr(0), 1.0 / 25 / 1e4, 1e-18);
  EXPECT_EQ(error_of([&] { schedule.step(); }), "OneCycleLR: step 11 of total_steps = 10");
  EXPECT_EQ(schedule.steps(), 10);
  OneCycleLR up(optimizer, {.max_lr = 2.0, .total_steps = 4, .pct_start = 1.0, .anneal_strategy = "linear"});
  for (int k = 0; k < 3; ++k) up.step();
  EXPECT_DOUBLE_EQ(lr(1), 2.0);
}

TEST_F(Schedules, RestartsAreCountedForAnyK) {
  const auto rate = CosineAnnealingWarmRestarts::rate({.T_0 = 3, .T_mult = 2});
  for (const std::int64_t start : {0, 3, 9, 21, 45}) EXPECT_EQ(rate(start, 2.0), 2.0) << start;
  EXPECT_EQ(CosineAnnealingWarmRestarts::rate({.T_0 = 7})(7'000'000'000'000, 2.0), 2.0);
}

TEST_F(Schedules, APlateauGoesOnWhereItLeftOff) {
  ReduceLROnPlateau whole(optimizer, {.patience = 1, .cooldown = 1});
  for (const double metric : {1.0, 2.0, 2.0, 2.0, 0.5, 3.0}) whole.step(metric);
  EXPECT_EQ(whole.best(), 0.5);
  SGD other({{.params = {p}}, {.params = {q}}});
  ReduceLROnPlateau resumed(other, {.patience = 1, .cooldown = 1});
  resumed.load_state_dict(whole.state_dict());
  other.load_state_dict(optimizer.state_dict());
  for (const double metric : {3.0, std::nan(""), 3.0, 0.1, 0.2}) {
    whole.step(metric);
    resumed.step(metric);
    for (const std::size_t i : {0, 1}) EXPECT_EQ(other.groups()[i].lr(), lr(i));
  }
  EXPECT_LT(lr(0), 0.05);
  const auto before = whole.state_dict();
  EXPECT_EQ(error_of([&] {
              whole.load_state_dict({{"best", ones({})}, {"bad_steps", ones({})}});
            }),
            "load_state_dict: \"cooldown\" is missing");
  EXPECT_EQ(error_of([&] {
              whole.load_state_dict({{"best", ones({})}, {"bad_steps", ones({})}, {"cooldown", full({}, -1)}});
            }),
            "load_state_dict: \"cooldown\" must be a whole number >= 0 (got -1)");
  for (const auto& [name, value] : whole.state_dict()) EXPECT_TRUE(same(value, before[name])) << name;
  EXPECT_EQ(
      error_of(capture([&] { whole.step(1.0); })),
      "ReduceLROnPlateau::step: not in the body of a captured step, which replays tensor operations only; call it "
      "between the calls");
}

TEST_F(Schedules, RefuseBadOptionsOfLaterOnes) {
  const auto plateau = [&](ReduceLROnPlateauOptions o) { return error_of([&] { ReduceLROnPlateau(optimizer, o); }); };
  EXPECT_EQ(plateau({.mode = "low"}), "ReduceLROnPlateau: mode must be \"min\" or \"max\" (got \"low\")");
  EXPECT_EQ(plateau({.factor = 1.0}), "ReduceLROnPlateau: factor must be in [0, 1) (got 1)");
  EXPECT_EQ(plateau({.patience = -1}), "ReduceLROnPlateau: patience must be >= 0 (got -1)");
  EXPECT_EQ(plateau({.threshold = -1}), "ReduceLROnPlateau: threshold must be >= 0 (got -1)");
  EXPECT_EQ(plateau({.threshold_mode = "x"}),
            "ReduceLROnPlateau: threshold_mode must be \"rel\" or \"abs\" (got \"x\")");
  EXPECT_EQ(plateau({.cooldown = -1}), "ReduceLROnPlateau: cooldown must be >= 0 (got -1)");
  EXPECT_EQ(plateau({.min_lr = -1}), "ReduceLROnPlateau: min_lr must be >= 0 (got -1)");
  EXPECT_EQ(plateau({.eps = -1}), "ReduceLROnPlateau: eps must be >= 0 (got -1)");
  const auto one = [&](OneCycleLROptions o) { return error_of([&] { OneCycleLR(optimizer, o); }); };
  EXPECT_EQ(one({}), "OneCycleLR: total_steps must be >= 2 (got 0)");
  EXPECT_EQ(one({.max_lr = -1, .total_steps = 5}), "OneCycleLR: max_lr must be >= 0 (got -1)");
  EXPECT_EQ(one({.total_steps = 5, .pct_start = 2}), "OneCycleLR: pct_start must be in [0, 1] (got 2)");
  EXPECT_EQ(one({.total_steps = 5, .anneal_strategy = "up"}),
            "OneCycleLR: anneal_strategy must be \"cos\" or \"linear\" (got \"up\")");
  EXPECT_EQ(one({.total_steps = 5, .div_factor = 0}), "OneCycleLR: div_factor must be > 0 (got 0)");
  EXPECT_EQ(one({.total_steps = 5, .final_div_factor = 0}), "OneCycleLR: final_div_factor must be > 0 (got 0)");
  EXPECT_EQ(error_of([&] { PolynomialLR(optimizer, {.total_iters = 0}); }),
            "PolynomialLR: total_iters must be >= 1 (got 0)");
  EXPECT_EQ(error_of([&] { PolynomialLR(optimizer, {.power = -1}); }), "PolynomialLR: power must be >= 0 (got -1)");
  EXPECT_EQ(error_of([&] { CosineAnnealingWarmRestarts(optimizer, {}); }),
            "CosineAnnealingWarmRestarts: T_0 must be >= 1 (got 0)");
  EXPECT_EQ(error_of([&] { CosineAnnealingWarmRestarts(optimizer, {.T_0 = 1, .T_mult = 0}); }),
            "CosineAnnealingWarmRestarts: T_mult must be >= 1 (got 0)");
  EXPECT_EQ(error_of([&] { CosineAnnealingWarmRestarts(optimizer, {.T_0 = 1, .eta_min = -1}); }),
            "CosineAnnealingWarmRestarts: eta_min must be >= 0 (got -1)");
}

TEST_F(Schedules, RefuseBadOptions) {
  EXPECT_EQ(error_of([&] { StepLR(optimizer, {}); }), "StepLR: step_size must be >= 1 (got 0)");
  EXPECT_EQ(error_of([&] { StepLR(optimizer, {.step_size = 1, .gamma = 0}); }), "StepLR: gamma must be > 0 (got 0)");
  EXPECT_EQ(error_of([&] { MultiStepLR(optimizer, {}); }), "MultiStepLR: milestones must not be empty");
  EXPECT_EQ(error_of([&] { MultiStepLR(optimizer, {.milestones = {1}, .gamma = -1}); }),
            "MultiStepLR: gamma must be > 0 (got -1)");
  EXPECT_EQ(error_of([&] { ExponentialLR(optimizer, {}); }), "ExponentialLR: gamma must be > 0 (got 0)");
  EXPECT_EQ(error_of([&] { CosineAnnealingLR(optimizer, {}); }), "CosineAnnealingLR: T_max must be >= 1 (got 0)");
  EXPECT_EQ(error_of([&] { CosineAnnealingLR(optimizer, {.T_max = 2, .eta_min = -1}); }),
            "CosineAnnealingLR: eta_min must be >= 0 (got -1)");
  EXPECT_EQ(error_of([&] { LinearLR(optimizer, {.start_factor = 0}); }),
            "LinearLR: start_factor must be in (0, 1] (got 0)");
  EXPECT_EQ(error_of([&] { LinearLR(optimizer, {.end_factor = 2}); }),
            "LinearLR: end_factor must be in [0, 1] (got 2)");
  EXPECT_EQ(error_of([&] { LinearLR(optimizer, {.total_iters = 0}); }), "LinearLR: total_iters must be >= 1 (got 0)");
  const Rate same_rate = [](std::int64_t, double base) { return base; };
  EXPECT_EQ(error_of([&] { sequential({same_rate}, {1}); }), "sequential: 1 rates need 0 milestones (got 1)");
  EXPECT_EQ(error_of([&] { sequential({}, {}); }), "sequential: needs a rate");
  EXPECT_EQ(error_of([&] {
              sequential({same_rate, same_rate, same_rate}, {2, 1});
            }),
            "sequential: milestones must be >= 0 and ascend");
  EXPECT_EQ(error_of([&] { warmup(-1, same_rate); }), "warmup: steps must be >= 0 (got -1)");
  EXPECT_EQ(error_of([&] { warmup(1, same_rate, -1); }), "warmup: start_factor must be >= 0 (got -1)");
  EXPECT_EQ(error_of([&] { Schedule(optimizer, nullptr); }), "schedule: needs a function of the step and the base");
}

}  // namespace
}  // namespace sigmagrad::optim
