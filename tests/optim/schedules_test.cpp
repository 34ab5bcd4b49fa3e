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
