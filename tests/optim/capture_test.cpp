// SPDX-License-Identifier: BSD-3-Clause
// Captured training with optimisers, schedules and spectral penalties, against the same steps one by one.
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>

namespace sigmagrad {
namespace {

using testing::same;

/// A two-layer network whose every batch is drawn anew.
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
