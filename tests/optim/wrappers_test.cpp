// SPDX-License-Identifier: BSD-3-Clause
// What goes around an optimiser: SAM, Lookahead and averages, captured, saved and misused. Their numbers are in
// golden_programs_test.cpp.
#include <cmath>
#include <limits>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/scratch.hpp>

namespace sigmagrad::optim {
namespace {

using testing::error_of;
using testing::same;

// A small network, whose every batch is drawn anew, with all of it around Adam.
struct Training {
  explicit Training(Dtype dtype_ = f64) : dtype(dtype_) {}

  Tensor loss() {
    const auto x = randn({5, 6}, generator).to(dtype);
    return square(matmul(tanh(matmul(x, first.t())), second.t()) - x.narrow(-1, 0, 2)).sum();
  }
  Tensor step() {
    return sam.step([this] {
      sam.zero_grad();
      const auto result = loss();
      result.backward();
      return result;
    });
  }
  void go_on_from(const Training& other) {
    const NoGrad guard;
    first.copy_(other.first);
    second.copy_(other.second);
    generator = other.generator;
    lookahead.load_state_dict(other.lookahead.state_dict());
    ema.load_state_dict(other.ema.state_dict());
    swa.load_state_dict(other.swa.state_dict());
  }

  Generator generator{3};
  Dtype dtype;
  Tensor first = randn({4, 6}, generator).to(dtype).requires_grad_();
  Tensor second = randn({2, 4}, generator).to(dtype).requires_grad_();
  Adam optimizer{{first, second}, {.lr = 0.05}};
  Lookahead lookahead{optimizer, {.k = 3, .alpha = 0.6}};
  EMA ema{optimizer, {.decay = 0.8}};
  SWA swa{optimizer, {.start = 2, .every = 2}};
  SAM sam{optimizer, {.rho = 0.1, .adaptive = true}};
};

void expect_same(const Training& a, const Training& b) {
  EXPECT_TRUE(same(a.first.detach(), b.first.detach()));
  EXPECT_TRUE(same(a.second.detach(), b.second.detach()));
  for (const std::size_t i : {0, 1}) {
    EXPECT_TRUE(same(a.ema.values()[i], b.ema.values()[i]));
    EXPECT_TRUE(same(a.swa.values()[i], b.swa.values()[i]));
  }
  EXPECT_EQ(a.swa.count(), b.swa.count());
}

TEST(Wrappers, CapturedStepsAreEagerOnes) {
  Training eager, captured;
  auto step = capture([&] { return captured.step(); });
  for (int i = 0; i < 12; ++i) {
    EXPECT_TRUE(same(step(), eager.step())) << i;
    expect_same(captured, eager);
  }
  EXPECT_EQ(eager.swa.count(), 5);
  EXPECT_EQ(eager.ema.count(), 12);
}

TEST(Wrappers, VerifiedStepsAreEagerOnes) {
  Training eager, captured;
  auto step = capture([&] { return captured.step(); }, {.verify = true, .verified_calls = 7});
  for (int i = 0; i < 12; ++i) {
    EXPECT_TRUE(same(step(), eager.step())) << i;
    expect_same(captured, eager);
  }
}

TEST(Wrappers, AnUntrainedOneGoesOnWhereAnotherLeftOff) {
  for (const int before : {0, 4, 5}) {
    Training whole, resumed;
    for (int i = 0; i < before; ++i) whole.step();
    resumed.go_on_from(whole);
    auto step = capture([&] { return resumed.step(); });
    for (int i = 0; i < 7; ++i) {
      whole.step();
      step();
    }
    expect_same(resumed, whole);
  }
}

TEST(Wrappers, AreInCheckpoints) {
  const testing::Scratch folder;
  Training whole, resumed;
  nn::Linear model(1, 1);
  whole.step();
  save_checkpoint(folder / "run.ckpt", model, whole.lookahead, whole.ema, whole.swa);
  load_checkpoint(folder / "run.ckpt", model, resumed.lookahead, resumed.ema, resumed.swa);
  EXPECT_TRUE(same(resumed.ema.values()[0], whole.first.detach()));
  EXPECT_EQ(resumed.lookahead.state_dict()["0.step"].item(), 1.0);
}

TEST(Wrappers, SinglePrecisionFollowsDouble) {
  Training training, single(f32);
  for (int i = 0; i < 4; ++i) {
    training.step();
    single.step();
  }
  EXPECT_EQ(single.ema.values()[0].dtype(), f32);
  EXPECT_TRUE(testing::close(single.first.detach(), training.first.detach(), 1e-4));
  EXPECT_TRUE(testing::close(single.ema.values()[1], training.ema.values()[1], 1e-4));
}

TEST(Wrappers, RefuseBadOptions) {
  Tensor p = ones({2}).requires_grad_();
  SGD optimizer({p});
  EXPECT_EQ(error_of([&] { SAM(optimizer, {.rho = -1}); }), "SAM: rho must be >= 0 (got -1)");
  EXPECT_EQ(error_of([&] { Lookahead(optimizer, {.k = 0}); }), "Lookahead: k must be >= 1 (got 0)");
  EXPECT_EQ(error_of([&] { Lookahead(optimizer, {.alpha = 1.5}); }), "Lookahead: alpha must be in [0, 1] (got 1.5)");
  EXPECT_EQ(error_of([&] { EMA(optimizer, {.decay = 1.5}); }), "EMA: decay must be in [0, 1] (got 1.5)");
  EXPECT_EQ(error_of([&] { SWA(optimizer, {.start = -1}); }), "SWA: start must be >= 0 (got -1)");
  EXPECT_EQ(error_of([&] { SWA(optimizer, {.every = 0}); }), "SWA: every must be >= 1 (got 0)");
  EXPECT_EQ(error_of([&] { Averages(optimizer, nullptr); }), "Averages: needs a function of the step and the count");
  const Averages wild(optimizer, [](std::int64_t, std::int64_t) { return 2.0; });
  EXPECT_EQ(error_of([&] { optimizer.step(); }), "Averages: the weight of step 1 must be in [0, 1] (got 2)");
}

TEST(Wrappers, LoadAllOrNothing) {
  Training training, other;
  training.step();
  other.step();
  other.step();
  const auto good = other.lookahead.state_dict();
  const auto without = [&](const char* name) {
    NamedTensors result = good;
    std::erase_if(result, [&](const auto& entry) { return entry.first == name; });
    return error_of([&] { training.lookahead.load_state_dict(result); });
  };
  const auto before = training.lookahead.state_dict();
  EXPECT_EQ(without("lookahead.1"), "load_state_dict: \"lookahead.1\" is missing");
  EXPECT_EQ(without("1.exp_avg"), "load_state_dict: \"1.exp_avg\" is missing");
  EXPECT_EQ(error_of([&] {
              training.ema.load_state_dict({{"steps", ones({})}});
            }).substr(0, 36),
            "load_state_dict: \"count\" is missing");
  for (const auto& [name, value] : training.lookahead.state_dict()) EXPECT_TRUE(same(value, before[name])) << name;
  EXPECT_EQ(error_of(capture([&] { training.ema.state_dict(); })),
            "state_dict: not in the body of a captured step, which replays tensor operations only; take it between the "
            "calls");
}

TEST(Averages, AreAppliedForAWhile) {
  Tensor p = zeros({2}).requires_grad_();
  p.set_grad(ones({2}));
  SGD optimizer({p}, {.lr = 1.0});
  SWA mean(optimizer);
  auto step = capture([&] { optimizer.step(); });
  EXPECT_TRUE(same(mean.values()[0], zeros({2}))) << "before the first step, the start";
  for (int i = 0; i < 3; ++i) step();
  {
    const auto applied = mean.apply();
    EXPECT_TRUE(same(p.detach(), full({2}, -2.0)));
    EXPECT_EQ(error_of([&] { static_cast<void>(mean.apply()); }), "Averages: applied already");
    EXPECT_TRUE(same(p.detach(), full({2}, -2.0)));
    const std::string message = "Averages: a step while the averages are applied, expected none before they are back";
    EXPECT_EQ(error_of(step), message);
    EXPECT_EQ(error_of([&] { optimizer.step(); }), message);
    EXPECT_TRUE(same(p.detach(), full({2}, -2.0))) << "refused before anything changes";
    EXPECT_EQ(error_of([&] { mean.state_dict(); }), "Averages: state_dict while the averages are applied");
  }
  EXPECT_EQ(mean.count(), 3);
  EXPECT_TRUE(same(p.detach(), full({2}, -3.0)));
  EXPECT_TRUE(same(mean.values()[0], full({2}, -2.0)));
  EXPECT_EQ(error_of(capture([&] { static_cast<void>(mean.apply()); })),
            "Averages::apply: not in the body of a captured step, which replays tensor operations only; apply them "
            "between the calls");
}

TEST(Averages, GoOnWithoutTheirOwner) {
  Tensor p = zeros({1}).requires_grad_();
  p.set_grad(ones({1}));
  SGD optimizer({p}, {.lr = 1.0});
  { const EMA gone(optimizer); }
  { const Lookahead gone(optimizer, {.k = 2}); }
  optimizer.step();
  optimizer.step();
  EXPECT_EQ(p.item(), -1.0);
}

TEST(Averages, OfAConvertedModelAreRefused) {
  nn::Linear model(2, 1, {.bias = false});
  SGD optimizer(model.parameters(), {.lr = 0.1});
  const EMA ema(optimizer);
  model.to(f32);
  model(ones({1, 2}, f32)).sum().backward();
  EXPECT_EQ(error_of([&] { optimizer.step(); }),
            "Averages: parameter 0 is [1, 2] f32, expected [1, 2] f64: was the model converted?");
}

// Where the closure throws at the second point, parameters are back.
TEST(SAMSteps, ComeBack) {
  Tensor p = full({2}, 3.0).requires_grad_();
  SGD optimizer({p}, {.lr = 0.1});
  SAM sam(optimizer, {.rho = 0.5});
  int calls = 0;
  const auto closure = [&] {
    if (++calls == 2) throw Error("no more");
    sam.zero_grad();
    const auto loss = square(p).sum();
    loss.backward();
    return loss;
  };
  EXPECT_EQ(error_of([&] { sam.step(closure); }), "no more");
  EXPECT_TRUE(same(p.detach(), full({2}, 3.0)));
  calls = 2;
  const NoGrad guard;  // the closure records all the same
  EXPECT_EQ(sam.step(closure).item(), 18.0);
  const double away = 3.0 + 0.5 / std::sqrt(2.0);
  EXPECT_NEAR(p.data<double>()[0], 3.0 - 0.1 * 2.0 * away, 1e-12);
}

// From 0.1 the second point is no positive definite matrix.
TEST(SAMSteps, ComeBackAfterAnErrorOfAReplay) {
  Tensor p = full({1, 1}, 3.0).requires_grad_();
  SGD optimizer({p}, {.lr = 0.1});
  SAM sam(optimizer, {.rho = 0.5});
  auto step = capture([&] {
    return sam.step([&] {
      sam.zero_grad();
      const auto loss = -linalg::cholesky(p).sum();
      loss.backward();
      return loss;
    });
  });
  step();
  {
    const NoGrad guard;
    p.copy_(full({1, 1}, 0.1));
  }
  EXPECT_NE(error_of(step), "");
  EXPECT_EQ(p.item(), 0.1);
}

TEST(SAMSteps, LeaveFlatAndAbsentGradientsAlone) {
  Tensor p = ones({2}).requires_grad_(), unused = ones({3}).requires_grad_();
  SGD optimizer({p, unused}, {.lr = 0.1});
  SAM sam(optimizer);
  sam.step([&] {
    sam.zero_grad();
    const auto loss = (0.0 * p).sum();
    loss.backward();
    return loss;
  });
  EXPECT_TRUE(same(p.detach(), ones({2})));
  EXPECT_TRUE(same(unused.detach(), ones({3})));
}

}  // namespace
}  // namespace sigmagrad::optim
