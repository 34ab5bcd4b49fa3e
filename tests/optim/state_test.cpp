// SPDX-License-Identifier: BSD-3-Clause
// What optimisers and schedules save and refuse to load, and hooks. That training goes on bit for bit is a test of
// every optimiser in optimizer_cases_test.cpp.
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad::optim {
namespace {

using testing::close;
using testing::error_of;
using testing::same;

std::vector<Tensor> parameters() {
  std::vector<Tensor> result{ones({2}).requires_grad_(), full({2, 3}, 2.0).requires_grad_()};
  for (auto& p : result) p.set_grad(ones(p.shape()));
  return result;
}

// The state with one entry changed; an undefined tensor takes it out.
NamedTensors with(const NamedTensors& state, const std::string& name, const Tensor& value) {
  NamedTensors result;
  for (const auto& entry : state)
    if (entry.first != name) result.push_back(entry);
  if (value.defined()) result.emplace_back(name, value);
  return result;
}

TEST(OptimizerState, HasNamesByParameterAndGroup) {
  auto params = parameters();
  params[1].zero_grad();
  SGD optimizer({{.params = {params[0]}}, {.params = {params[1]}, .lr = 0.25}}, {.lr = 0.5, .momentum = 0.9});
  optimizer.step();
  optimizer.step();
  std::string names;
  const auto state = optimizer.state_dict();
  for (const auto& [name, value] : state) names += name + value.shape().str() + ' ';
  EXPECT_EQ(names, "0.step[] 0.momentum_buffer[2] 1.step[] group.0.lr[] group.1.lr[] ");
  EXPECT_EQ(state["0.step"].item(), 2.0);
  EXPECT_EQ(state["1.step"].item(), 0.0);
  EXPECT_EQ(state["group.1.lr"].item(), 0.25);
  optimizer.step();
  EXPECT_TRUE(close(state["0.momentum_buffer"], full({2}, 1.9), 1e-15)) << "a copy of that time";
}

TEST(OptimizerState, LoadsAllOrNothing) {
  Adam trained(parameters(), {.lr = 0.5});
  trained.step();
  const auto good = trained.state_dict();
  for (const bool untrained : {true, false}) {
    Adam optimizer(parameters());
    if (!untrained) optimizer.step();
    const auto before = optimizer.state_dict();
    const auto message = [&](const std::string& name, const Tensor& value) {
      return error_of([&] { optimizer.load_state_dict(with(good, name, value)); });
    };
    EXPECT_EQ(message("1.exp_avg", {}), "load_state_dict: \"1.exp_avg\" is missing");
    EXPECT_EQ(message("1.step", {}),
              "load_state_dict: \"1.step\" is missing, unknown here are \"1.exp_avg\", \"1.exp_avg_sq\"");
    EXPECT_EQ(message("group.0.lr", {}), "load_state_dict: \"group.0.lr\" is missing");
    EXPECT_EQ(message("2.step", ones({})), "load_state_dict: \"2.step\" is unknown here");
    EXPECT_EQ(message("0.momentum_buffer", ones({2})), "load_state_dict: \"0.momentum_buffer\" is unknown here");
    EXPECT_EQ(message("1.exp_avg_sq", ones({3, 2})),
              "load_state_dict: \"1.exp_avg_sq\" has the shape [3, 2], expected [2, 3]");
    EXPECT_EQ(message("0.step", full({}, 1.5)), "load_state_dict: \"0.step\" must be a whole number >= 0 (got 1.5)");
    EXPECT_EQ(message("0.step", full({}, -1)), "load_state_dict: \"0.step\" must be a whole number >= 0 (got -1)");
    EXPECT_EQ(message("group.0.lr", full({}, -1)), "load_state_dict: \"group.0.lr\" must be >= 0 (got -1)");
    const auto after = optimizer.state_dict();
    ASSERT_EQ(after.size(), before.size());
    for (const auto& [name, value] : before) EXPECT_TRUE(same(after[name], value)) << name;
    optimizer.load_state_dict(good);
    EXPECT_EQ(optimizer.groups()[0].lr(), 0.5);
  }
}

TEST(OptimizerState, TellsOptimisersApart) {
  SGD sgd(parameters(), {.momentum = 0.9});
  sgd.step();
  Adam adam(parameters());
  EXPECT_EQ(error_of([&] { adam.load_state_dict(sgd.state_dict()); }),
            "load_state_dict: \"0.exp_avg\" is missing, unknown here are \"0.momentum_buffer\", \"1.momentum_buffer\"");
  SGD plain(parameters());
  EXPECT_EQ(error_of([&] { plain.load_state_dict(sgd.state_dict()); }),
            "load_state_dict: \"0.momentum_buffer\" is unknown here");
}

// A user's own, which declares what it keeps nowhere but in `update`.
struct Lion : Optimizer {
  explicit Lion(std::vector<Tensor> params) : Optimizer(std::move(params), 0.01) {}

 protected:
  void update(Tensor& p, const Tensor& grad, State& state, const Group& group) override {
    Tensor m = state.buffer("momentum", p);
    p.sub_(group.lr() * sign(0.9 * m + 0.1 * grad));
    m.mul_(0.99).add_(0.01 * grad);
  }
};

TEST(OptimizerState, OfAUsersOwn) {
  const auto params = parameters();
  Lion trained(params);
  trained.step();
  Lion untrained(params);
  const auto before = params[1].detach().clone();
  untrained.load_state_dict(trained.state_dict());
  EXPECT_TRUE(same(params[1].detach(), before)) << "loading trains nothing";
  EXPECT_TRUE(same(untrained.state_dict()["1.momentum"], full({2, 3}, 0.01)));
  EXPECT_EQ(error_of([&] { untrained.load_state_dict(with(trained.state_dict(), "0.momentum", {})); }),
            "load_state_dict: \"0.momentum\" is missing");
}

TEST(OptimizerState, IsNotForCapturedBodies) {
  SGD sgd(parameters());
  EXPECT_EQ(error_of(capture([&] { sgd.state_dict(); })),
            "state_dict: not in the body of a captured step, which replays tensor operations only; take it between the "
            "calls");
  const auto state = sgd.state_dict();
  EXPECT_EQ(error_of(capture([&] { sgd.load_state_dict(state); })),
            "load_state_dict: not in the body of a captured step, which replays tensor operations only; load between "
            "the calls");
}

TEST(AfterStep, HooksRunInOrderWithoutGraph) {
  const auto params = parameters();
  SGD optimizer(params, {.lr = 1.0});
  std::string order;
  optimizer.after_step([&] {
    EXPECT_FALSE(grad_enabled());
    order += "a" + std::to_string(static_cast<int>(params[1].data<double>()[0]));
  });
  optimizer.after_step([&](Optimizer& caller) { order += &caller == &optimizer ? "b" : "?"; });
  optimizer.step();
  optimizer.step();
  EXPECT_EQ(order, "a1ba0b");
}

// Paper 001's correction: after each step the singular values are moved towards given ones.
TEST(AfterStep, ACorrectionOfTheSingularValuesIsCaptured) {
  const auto wanted = tensor({3, 2, 1}, {3});
  const auto start = randn({3, 3});
  std::vector<Tensor> results;
  for (const bool captured : {false, true}) {
    auto w = start.clone().requires_grad_();
    SGD optimizer({w}, {.lr = 0.01});
    optimizer.after_step([&] {
      const auto [U, S, Vt] = linalg::svd(w.detach());
      w.copy_(matmul(U * (S + 0.1 * (wanted - S)).unsqueeze(-2), Vt));
    });
    const auto body = [&] {
      optimizer.zero_grad();
      square(w).sum().backward();
      optimizer.step();
    };
    auto step = capture(body);
    for (int i = 0; i < 200; ++i) captured ? static_cast<void>(step()) : body();
    results.push_back(w.detach());
  }
  EXPECT_TRUE(same(results[1], results[0]));
  // At rest s = (1 - 0.1) (1 - 2 lr) s + 0.1 s*.
  EXPECT_TRUE(close(linalg::svdvals(results[0]), (0.1 / (1.0 - 0.9 * 0.98)) * wanted, 1e-8));
}

TEST(Proximal, ReachesTheProxOfTheData) {
  const auto Y = randn({6, 4});
  auto w = zeros({6, 4}).requires_grad_();
  SGD optimizer({w}, {.lr = 0.5});
  optimizer.after_step(proximal({w}, linalg::prox_nuclear, 0.8));
  auto step = capture([&] {
    optimizer.zero_grad();
    (0.5 * square(w - Y).sum()).backward();
    optimizer.step();
  });
  for (int i = 0; i < 60; ++i) {
    step();
    optimizer.groups()[0].set_lr(0.3 + 0.2 / (1 + i));  // the threshold follows the rate
  }
  EXPECT_TRUE(close(w.detach(), linalg::prox_nuclear(Y, 0.8), 1e-8));
}

TEST(Proximal, SoftThresholdingSolvesLasso) {
  Generator generator(2);
  const auto A = randn({8, 5}, generator), b = randn({8, 1}, generator);
  auto x = zeros({5, 1}).requires_grad_();
  constexpr double strength = 2.0;
  SGD optimizer({x}, {.lr = 0.03});
  optimizer.after_step(proximal({x}, soft_threshold, strength));
  for (int i = 0; i < 3000; ++i) {
    optimizer.zero_grad();
    (0.5 * square(matmul(A, x) - b).sum()).backward();
    optimizer.step();
  }
  const auto grad = matmul(A.t(), matmul(A, x.detach()) - b);
  int zero_entries = 0;
  for (std::size_t i = 0; i < 5; ++i) {  // the conditions of a minimum
    const double entry = x.data<double>()[i], slope = grad.data<double>()[i];
    if (entry == 0.0) {
      EXPECT_LE(std::abs(slope), strength);
      ++zero_entries;
    } else {
      EXPECT_NEAR(slope, entry > 0 ? -strength : strength, 1e-9);
    }
  }
  EXPECT_GT(zero_entries, 0);
  EXPECT_LT(zero_entries, 5);
}

TEST(Proximal, LeavesParametersWithoutGradientAlone) {
  auto params = parameters();
  params[0].zero_grad();
  SGD optimizer(params, {.lr = 1.0});
  optimizer.after_step(proximal(params, soft_threshold, 0.25));
  optimizer.step();
  EXPECT_TRUE(same(params[0].detach(), ones({2})));
  EXPECT_TRUE(close(params[1].detach(), full({2, 3}, 0.75), 1e-15));
}

TEST(OptimizerState, AModelConvertedAfterAStepIsRefused) {
  nn::Linear model(2, 1, {.bias = false});
  Adam optimizer(model.parameters());
  const auto step = [&](Dtype dtype) {
    optimizer.zero_grad();
    model(ones({1, 2}, dtype)).sum().backward();
    optimizer.step();
  };
  step(f64);
  model.to(f32);
  EXPECT_EQ(error_of([&] { step(f32); }),
            "optimizer: \"exp_avg\" of a parameter is [1, 2] f64, expected [1, 2] f32: was the model converted after a "
            "step?");
}

TEST(Proximal, RefusesBadUse) {
  auto params = parameters();
  EXPECT_EQ(error_of([&] { proximal(params, soft_threshold, -1); }), "proximal: strength must be >= 0 (got -1)");
  EXPECT_EQ(error_of([&] { soft_threshold(params[0], -2.0); }), "soft_threshold: tau must be >= 0 (got -2)");
  SGD optimizer({params[0]});
  optimizer.after_step(proximal(params, soft_threshold, 1));
  EXPECT_EQ(error_of([&] { optimizer.step(); }), "proximal: the optimiser has no such parameter of shape [2, 3]");
}

}  // namespace
}  // namespace sigmagrad::optim
