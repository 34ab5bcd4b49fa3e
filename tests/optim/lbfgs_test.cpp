// SPDX-License-Identifier: BSD-3-Clause
// PyTorch's numbers are in golden_programs_test.cpp.
#include <cmath>
#include <limits>

#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/scratch.hpp>

namespace sigmagrad::optim {
namespace {

using testing::error_of;
using testing::same;

template <class O>
concept StepsAlone = requires(O& optimizer) {
  optimizer.step();
};
static_assert(StepsAlone<SGD> && !StepsAlone<LBFGS>);

// Rosenbrock's valley in two dimensions, of which each is a parameter; its minimum is at (1, 1).
struct Valley {
  explicit Valley(LBFGSOptions options = {.line_search = "strong_wolfe"}, Dtype dtype = f64)
      : x(full({1}, -1.2, dtype).requires_grad_()),
        y(full({}, 1.0, dtype).requires_grad_()),
        optimizer({x, y}, options) {}
  Tensor step() {
    return optimizer.step([this] {
      ++evaluations;
      optimizer.zero_grad();
      const auto loss = (square(1.0 - x) + 100.0 * square(y - square(x))).sum();
      loss.backward();
      return loss;
    });
  }
  Tensor x, y;
  LBFGS optimizer;
  int evaluations = 0;
};

// As PyTorch does: to these digits in 44 evaluations, after which the slope is below tolerance_change.
TEST(LBFGS, FindsTheEndOfAValley) {
  Valley valley;
  EXPECT_NEAR(valley.step().item(), 24.2, 1e-12) << "the loss before the step";
  valley.step();
  EXPECT_EQ(valley.evaluations, 44);
  EXPECT_NEAR(valley.x.item(), 0.9999814210791366, 1e-12);
  EXPECT_NEAR(valley.y.item(), 0.9999619651810989, 1e-12);
  valley.step();
  EXPECT_EQ(valley.evaluations, 45);
  EXPECT_EQ(valley.optimizer.state_dict()["evaluations"].item(), 45.0);
}

TEST(LBFGS, IsExactOnAQuadratic) {
  Generator generator(3);
  const auto A = randn({6, 4}, generator), b = randn({6, 1}, generator);
  auto w = zeros({4, 1}).requires_grad_();
  LBFGS optimizer({w}, {.tolerance_grad = 1e-12, .tolerance_change = 0.0, .line_search = "strong_wolfe"});
  for (int i = 0; i < 3; ++i)
    optimizer.step([&] {
      optimizer.zero_grad();
      const auto loss = square(matmul(A, w) - b).sum();
      loss.backward();
      return loss;
    });
  EXPECT_TRUE(testing::close(w.detach(), matmul(linalg::pinv(A), b), 1e-8));
}

TEST(LBFGS, GoesOnWhereAnotherLeftOff) {
  for (const LBFGSOptions& options : {LBFGSOptions{.max_iter = 3, .history_size = 2, .line_search = "strong_wolfe"},
                                      LBFGSOptions{.lr = 0.1, .max_iter = 2}})
    for (const int before : {0, 3}) {
      Valley whole(options), resumed(options);
      for (int i = 0; i < before; ++i) whole.step();
      whole.optimizer.groups()[0].set_lr(0.5);
      const NoGrad guard;
      resumed.x.copy_(whole.x);
      resumed.y.copy_(whole.y);
      resumed.optimizer.load_state_dict(whole.optimizer.state_dict());
      for (int i = 0; i < 4; ++i) {
        whole.step();
        resumed.step();
      }
      EXPECT_TRUE(same(resumed.x.detach(), whole.x.detach()));
      EXPECT_TRUE(same(resumed.y.detach(), whole.y.detach()));
    }
}

TEST(LBFGS, ACheckpointMayHaveNoHistoryYet) {
  const testing::Scratch folder;
  Valley trained({.max_iter = 1}), other({.max_iter = 1});
  for (int i = 0; i < 2; ++i) {
    save_checkpoint(folder / "run.ckpt", trained.optimizer);
    load_checkpoint(folder / "run.ckpt", other.optimizer);
    EXPECT_EQ(other.optimizer.state_dict()["iterations"].item(), i);
    trained.step();
  }
}

TEST(LBFGS, LoadsAllOrNothing) {
  Valley trained({.max_iter = 5}), other({.max_iter = 2, .history_size = 2});
  trained.step();
  other.step();
  const auto good = trained.optimizer.state_dict(), before = other.optimizer.state_dict();
  const auto message = [&](const NamedTensors& saved) {
    return error_of([&] { other.optimizer.load_state_dict(saved); });
  };
  EXPECT_EQ(message(good), "load_state_dict: \"curvatures\" has 4 entries, expected at most history_size = 2");
  auto changed = before;
  changed.pop_back();
  EXPECT_EQ(message(changed), "load_state_dict: \"group.0.lr\" is missing");
  changed.emplace_back("group.0.lr", full({}, -1.0));
  EXPECT_EQ(message(changed), "load_state_dict: \"group.0.lr\" must be >= 0 (got -1)");
  EXPECT_EQ(message(SGD({trained.x}).state_dict()).substr(0, 41), "load_state_dict: \"iterations\" is missing,");
  for (const auto& [name, value] : other.optimizer.state_dict()) EXPECT_TRUE(same(value, before[name])) << name;
}

TEST(LBFGS, SinglePrecision) {
  Valley single({.line_search = "strong_wolfe"}, f32);
  for (int i = 0; i < 5; ++i) single.step();
  EXPECT_EQ(single.x.dtype(), f32);
  EXPECT_NEAR(single.x.item(), 1.0, 1e-2);
}

TEST(LBFGS, FrozenAndUnusedParametersStay) {
  auto used = full({2}, 3.0).requires_grad_(), unused = ones({3}).requires_grad_();
  const auto frozen = ones({2});
  LBFGS optimizer({used, frozen, unused}, {.line_search = "strong_wolfe"});
  int hooks = 0;
  optimizer.after_step([&] { ++hooks; });
  for (int i = 0; i < 2; ++i)
    optimizer.step([&] {
      optimizer.zero_grad();
      const auto loss = square(used * frozen).sum();
      loss.backward();
      return loss;
    });
  EXPECT_TRUE(testing::close(used.detach(), zeros({2}), 1e-8));
  EXPECT_TRUE(same(frozen, ones({2})));
  EXPECT_TRUE(same(unused.detach(), ones({3})));
  EXPECT_EQ(hooks, 2);
}

// A point of the line search outside of the function's domain is as high as one can be.
TEST(LBFGS, HasHooks) {
  Valley valley;
  const SWA mean(valley.optimizer);
  double sum = 0.0;
  for (int i = 0; i < 3; ++i) {
    valley.step();
    sum += valley.x.item();
  }
  EXPECT_EQ(mean.count(), 3);
  EXPECT_NEAR(mean.values()[0].item(), sum / 3.0, 1e-14);
}

TEST(LBFGS, SearchesBackFromNaN) {
  auto p = full({1}, 1.0).requires_grad_();
  LBFGS optimizer({p}, {.lr = 50.0, .line_search = "strong_wolfe"});
  for (int i = 0; i < 3; ++i)
    optimizer.step([&] {
      optimizer.zero_grad();
      const auto loss = (p - 0.01 * log(p)).sum();
      loss.backward();
      return loss;
    });
  EXPECT_NEAR(p.item(), 0.01, 1e-6);
}

TEST(LBFGS, IsWhereItWasAfterAnError) {
  auto p = full({2}, 3.0).requires_grad_();
  LBFGS optimizer({p}, {.max_iter = 3});
  int calls = 0;
  double factor = 1.0;
  const auto closure = [&] {
    if (++calls == 5) throw Error("no more");
    optimizer.zero_grad();
    const auto loss = (factor * square(square(p))).sum();
    loss.backward();
    return loss;
  };
  optimizer.step(closure);
  const auto start = p.detach().clone();
  const auto state = optimizer.state_dict();
  const auto expect_unchanged = [&] {
    EXPECT_TRUE(same(p.detach(), start));
    for (const auto& [name, value] : optimizer.state_dict()) EXPECT_TRUE(same(value, state[name])) << name;
  };
  EXPECT_EQ(error_of([&] { optimizer.step(closure); }), "no more");
  expect_unchanged();
  factor = std::numeric_limits<double>::infinity();
  EXPECT_EQ(error_of([&] { optimizer.step(closure); }),
            "LBFGS: the loss (inf) or the gradient is not finite, expected finite ones");
  expect_unchanged();
}

TEST(LBFGS, RefusesBadUse) {
  const auto p = ones({2}).requires_grad_(), single = ones({2}, f32).requires_grad_();
  const auto message = [&](LBFGSOptions o) { return error_of([&] { LBFGS({p}, o); }); };
  EXPECT_EQ(message({.lr = -1}), "LBFGS: lr must be >= 0 (got -1)");
  EXPECT_EQ(message({.max_iter = 0}), "LBFGS: max_iter must be >= 1 (got 0)");
  EXPECT_EQ(message({.max_eval = 0}), "LBFGS: max_eval must be >= 1 (got 0)");
  EXPECT_EQ(message({.history_size = 0}), "LBFGS: history_size must be >= 1 (got 0)");
  EXPECT_EQ(message({.tolerance_grad = -1}), "LBFGS: tolerance_grad must be >= 0 (got -1)");
  EXPECT_EQ(message({.tolerance_change = -1}), "LBFGS: tolerance_change must be >= 0 (got -1)");
  EXPECT_EQ(message({.line_search = "wolfe"}),
            "LBFGS: line_search must be \"none\" or \"strong_wolfe\" (got \"wolfe\")");
  EXPECT_EQ(error_of([&] { LBFGS({p, single}); }), "LBFGS: parameters must have one dtype (got f64 and f32)");
  Valley valley;
  EXPECT_EQ(
      error_of(capture([&] { valley.step(); })),
      "LBFGS::step: not in the body of a captured step, which replays tensor operations only; call it eagerly: it "
      "looks at values");
  valley.x.set_grad(ones({1}));
  Optimizer& base = valley.optimizer;
  EXPECT_EQ(error_of([&] { base.step(); }), "LBFGS: step needs a closure that computes the loss and its gradient");
}

}  // namespace
}  // namespace sigmagrad::optim
