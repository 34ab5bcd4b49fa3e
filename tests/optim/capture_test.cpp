// SPDX-License-Identifier: BSD-3-Clause
// Captured training with optimisers, schedules and spectral penalties, against the same steps one by one.
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::same;

// A two-layer network whose every batch is drawn anew.
template <class Optimizer>
struct Training {
  explicit Training(typename Optimizer::Options options) : generator(3), optimizer(make_model(), options) {}

  std::vector<Tensor> make_model() {
    first = randn({8, 6}, generator).requires_grad_();
    second = randn({4, 8}, generator).requires_grad_();
    return {first, second};
  }
  Tensor step() {
    optimizer.zero_grad();
    const auto x = randn({5, 6}, generator);
    const auto prediction = matmul(relu(matmul(x, first.t())), second.t());
    const auto loss = mse_loss(prediction, ones({5, 4})) + 0.01 * square(linalg::log_cond(second) - 2.0) +
                      0.001 * linalg::norm(first, linalg::Nuclear);
    loss.backward();
    optimizer.step();
    return loss;
  }

  Generator generator;
  Tensor first, second;
  Optimizer optimizer;
};

TEST(CapturedTraining, AStepOfAnUntrainedOptimizerContinuesAnEagerOne) {
  Training<optim::Adam> eager({}), captured({});
  for (int i = 0; i < 3; ++i) {
    eager.step();
    captured.step();
  }
  auto step = capture([&] { return captured.step(); });
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(same(step(), eager.step()));
  EXPECT_TRUE(same(captured.step(), eager.step()));
  EXPECT_TRUE(same(step(), eager.step()));
}

// Half the rate, and a correction by a count of its own.
struct Corrected : optim::Optimizer {
  struct Options {
    double lr = 0.1;
  };
  Corrected(std::vector<Tensor> params, Options o) : Optimizer(std::move(params), o.lr) {}

 protected:
  void update(Tensor& p, const Tensor& grad, State& state, const Group& group) override {
    auto count = state.buffer("count", {}, f64);
    count.add_(1.0);
    p.sub_(0.5 * group.lr() * sign(grad) / (1.0 - pow(full({}, 0.9), count)));
  }
};

TEST(CapturedTraining, AUsersOwnFollowsTheRate) {
  Training<Corrected> eager({}), captured({});
  auto step = capture([&] { return captured.step(); });
  for (int i = 0; i < 6; ++i) {
    for (auto* training : {&eager, &captured}) training->optimizer.groups()[0].set_lr(0.05 / (1 + i));
    EXPECT_TRUE(same(step(), eager.step())) << i;
  }
}

TEST(CapturedTraining, ARateOrAStepThatWouldStayWhatItIsIsRefused) {
  struct Frozen : optim::Optimizer {
    explicit Frozen(std::vector<Tensor> params, bool rate) : Optimizer(std::move(params), 0.1), reads_rate(rate) {}
    void update(Tensor& p, const Tensor& grad, State& state, const Group& group) override {
      p.sub_((reads_rate ? 1.0 - static_cast<double>(group.lr()) : 1.0 / static_cast<double>(state.step)) * grad);
    }
    bool reads_rate;
  };
  for (const bool rate : {true, false}) {
    const Tensor p = ones({2}).requires_grad_();
    Frozen optimizer({p}, rate);
    Tensor(p).set_grad(ones({2}));
    EXPECT_NO_THROW(optimizer.step());
    EXPECT_EQ(
        testing::error_of(capture([&] { optimizer.step(); })),
        rate ? "Scalar: not in the body of a captured step, which replays tensor operations only; multiply tensors "
               "by it instead"
             : "State::step: not in the body of a captured step, which replays tensor operations only; count in a "
               "tensor, state.buffer(\"count\", {}, f64).add_(1.0)");
  }
}

TEST(CapturedTraining, AHookThatIsAddedLaterRuns) {
  Tensor p = zeros({1}).requires_grad_();
  p.set_grad(ones({1}));
  optim::SGD optimizer({p}, {.lr = 1.0});
  auto step = capture([&] { optimizer.step(); });
  step();
  optimizer.after_step([&] { p.mul_(2.0); });
  step();
  EXPECT_EQ(p.item(), -4.0);
}

TEST(CapturedTraining, ARateIsNotSetInTheBody) {
  Training<optim::SGD> training({});
  EXPECT_EQ(
      testing::error_of(capture([&] { training.optimizer.groups()[0].set_lr(1.0); })),
      "set_lr: not in the body of a captured step, which replays tensor operations only; set it between the calls");
}

TEST(CapturedTraining, NonFiniteInputStopsAReplayAndThenGoesOn) {
  Tensor w = randn({4, 4});
  auto step = capture([&] { return linalg::norm(w, linalg::Nuclear); });
  const double before = step().item();
  const Tensor good = w.clone();
  w.fill_(std::nan(""));
  EXPECT_EQ(testing::error_of(step), "norm: input has non-finite entries");
  w.copy_(good);
  EXPECT_EQ(step().item(), before);
}

}  // namespace
}  // namespace sigmagrad
