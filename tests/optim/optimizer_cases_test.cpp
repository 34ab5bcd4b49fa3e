// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/optim/optimizer_cases.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/on_threads.hpp>

namespace sigmagrad::optim {
namespace {

using testing::close;
using testing::same;

// A two-layer network with spectral penalties whose every batch is drawn anew; `models` of them at once where given.
struct Training {
  explicit Training(const OptimizerCase& row, Dtype dtype_ = f64) : generator(3), dtype(dtype_) {
    first = randn({8, 6}, generator).to(dtype).requires_grad_();
    second = randn({4, 8}, generator).to(dtype).requires_grad_();
    optimizer = row.make({first, second});
  }
  Tensor step() {
    optimizer->zero_grad();
    const auto x = randn({5, 6}, generator).to(dtype);
    const auto prediction = matmul(relu(matmul(x, first.t())), second.t());
    const auto loss = mse_loss(prediction, ones({5, 4}, dtype)) + 0.01 * square(linalg::log_cond(second) - 2.0) +
                      0.001 * linalg::norm(first, linalg::Nuclear);
    loss.backward();
    optimizer->step();
    return loss;
  }
  double train(int steps) {
    double loss = 0.0;
    for (int i = 0; i < steps; ++i) loss = step().item();
    return loss;
  }

  Generator generator;
  Dtype dtype;
  Tensor first, second;
  std::unique_ptr<Optimizer> optimizer;
};

void copy_model(Training& to, const Training& from) {
  const NoGrad guard;
  to.first.copy_(from.first);
  to.second.copy_(from.second);
  to.generator = from.generator;
}

class EveryOptimizer : public ::testing::TestWithParam<OptimizerCase> {};

TEST_P(EveryOptimizer, LearnsSomething) {
  Training training(GetParam());
  const double before = training.step().item();
  EXPECT_LT(training.train(60), 0.8 * before);
}

TEST_P(EveryOptimizer, CapturedStepsAreEagerOnes) {
  Training eager(GetParam()), captured(GetParam());
  auto step = capture([&] { return captured.step(); });
  for (int i = 0; i < 12; ++i) {
    for (auto* training : {&eager, &captured}) training->optimizer->groups()[0].set_lr(0.05 / (1 + i));
    const auto expected = eager.step();
    EXPECT_TRUE(same(step(), expected)) << "step " << i;
    EXPECT_TRUE(same(captured.first, eager.first)) << "step " << i;
    EXPECT_TRUE(same(captured.second, eager.second)) << "step " << i;
  }
}

TEST_P(EveryOptimizer, VerifiedStepsAreEagerOnes) {
  Training eager(GetParam()), captured(GetParam());
  auto step = capture([&] { return captured.step(); }, {.verify = true});
  for (int i = 0; i < 7; ++i) {
    for (auto* training : {&eager, &captured}) training->optimizer->groups()[0].set_lr(0.05 / (1 + i));
    const auto expected = eager.step();
    EXPECT_TRUE(same(step(), expected)) << "step " << i;
    const auto state = captured.optimizer->state_dict();
    for (const auto& [name, value] : eager.optimizer->state_dict()) EXPECT_TRUE(same(state[name], value)) << name;
    EXPECT_TRUE(same(captured.second, eager.second)) << "step " << i;
  }
}

TEST_P(EveryOptimizer, AnUntrainedOneGoesOnWhereAnotherLeftOff) {
  Training whole(GetParam()), resumed(GetParam());
  whole.train(4);
  whole.optimizer->groups()[0].set_lr(0.03);
  const auto state = whole.optimizer->state_dict();
  copy_model(resumed, whole);
  resumed.optimizer->load_state_dict(state);
  whole.train(5);
  resumed.train(5);
  EXPECT_TRUE(same(resumed.first, whole.first));
  EXPECT_TRUE(same(resumed.second, whole.second));
}

TEST_P(EveryOptimizer, ATrainedOneGoesBack) {
  Training training(GetParam());
  auto step = capture([&] { return training.step(); });
  for (const int steps_before : {0, 2}) {
    for (int i = 0; i < steps_before; ++i) step();
    const auto state = training.optimizer->state_dict();
    Training start(GetParam());
    copy_model(start, training);
    for (int i = 0; i < 4; ++i) step();
    const auto end = training.second.detach().clone();
    copy_model(training, start);
    training.optimizer->load_state_dict(state);
    for (int i = 0; i < 4; ++i) step();
    EXPECT_TRUE(same(training.second.detach(), end)) << "after " << steps_before;
  }
}

TEST_P(EveryOptimizer, ThreeThreadsGiveTheBitsOfOne) {
  Training alone(GetParam()), eager(GetParam()), captured(GetParam());
  alone.train(6);
  const testing::OnThreads three(3);
  eager.train(6);
  auto step = capture([&] { return captured.step(); });
  for (int i = 0; i < 6; ++i) step();
  for (const Training* other : {&eager, &captured}) {
    EXPECT_TRUE(same(other->first, alone.first));
    EXPECT_TRUE(same(other->second, alone.second));
    const auto state = other->optimizer->state_dict();
    for (const auto& [name, value] : alone.optimizer->state_dict()) EXPECT_TRUE(same(state[name], value)) << name;
  }
}

TEST_P(EveryOptimizer, SinglePrecisionFollowsDouble) {
  Training training(GetParam()), single(GetParam(), f32);
  training.train(3);
  single.train(3);
  EXPECT_EQ(single.first.dtype(), f32);
  for (const auto& [name, value] : single.optimizer->state_dict())
    EXPECT_EQ(value.dtype(), value.numel() == 1 ? f64 : f32) << name;
  EXPECT_TRUE(close(single.first, training.first, 1e-4));
}

// Everything that a step may change.
std::vector<Tensor> everything(const Training& training) {
  std::vector<Tensor> result{training.first.detach().clone(), training.second.detach().clone()};
  for (const auto& [name, value] : training.optimizer->state_dict()) result.push_back(value);
  return result;
}

void expect_unchanged(const Training& training, const std::vector<Tensor>& before) {
  const auto after = everything(training);
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < after.size(); ++i) EXPECT_TRUE(same(after[i], before[i])) << i;
}

// One gradient among the others has a huge entry: either it is refused and nothing has happened, or training goes on.
TEST_P(EveryOptimizer, AHugeGradientIsRefusedOrLeavesTheStateFinite) {
  for (const auto& [dtype, huge] : {std::pair{f64, 1e160}, {f64, 1e308}, {f64, std::nan("")}, {f32, 1e20}, {f32, 3e38}})
    for (const int steps_before : {0, 3}) {
      Training training(GetParam(), dtype), plain(GetParam(), dtype);
      training.train(steps_before);
      plain.train(steps_before);
      const auto set_gradients = [huge = huge, dtype = dtype](Training& to, bool bad) {
        to.first.set_grad(ones({8, 6}, dtype));
        to.second.set_grad(where(eye(8, dtype).narrow(0, 0, 4) * bad > 0.0, huge, full({4, 8}, 0.5, dtype)));
      };
      set_gradients(training, true);
      const auto before = everything(training);
      const auto message = testing::error_of([&] { training.optimizer->step(); });
      if (message == "no error") {
        EXPECT_TRUE(!std::isnan(huge) || GetParam().name.starts_with("SGD"));
        for (const auto& value : everything(training))
          EXPECT_TRUE(std::isnan(huge) || isfinite(value).sum().item() == static_cast<double>(value.numel())) << huge;
        continue;
      }
      EXPECT_NE(message.find(": the gradient of parameter 1 [4, 8] has an entry of "), std::string::npos) << message;
      expect_unchanged(training, before);
      set_gradients(training, false);
      set_gradients(plain, false);
      training.optimizer->step();
      plain.optimizer->step();
      EXPECT_TRUE(same(training.second, plain.second)) << "goes on as if nothing had been";
      EXPECT_TRUE(same(training.first, plain.first));
    }
}

// The weights [models, 5, 3] after some steps towards targets, of all models from one to another.
Tensor trained(const OptimizerCase& row, std::int64_t from, std::int64_t to) {
  Generator generator(5);
  const auto target = randn({6, 5, 3}, generator).narrow(0, from, to - from).clone();
  auto w = randn({6, 5, 3}, generator).narrow(0, from, to - from).clone().requires_grad_();
  const auto optimizer = row.make({w});
  for (int i = 0; i < 5; ++i) {
    optimizer->zero_grad();
    square(w - target).sum().backward();
    optimizer->step();
  }
  return w.detach();
}

TEST_P(EveryOptimizer, ModelsOfABatchDoNotMeet) {
  if (GetParam().name.starts_with("GroupRMSprop")) return;  // by its option: matrix_optimizers_test.cpp
  const auto together = trained(GetParam(), 0, 6);
  for (const std::int64_t i : {0, 3, 5})
    EXPECT_TRUE(same(together.narrow(0, i, 1), trained(GetParam(), i, i + 1))) << "model " << i;
}

INSTANTIATE_TEST_SUITE_P(Optimizers, EveryOptimizer, ::testing::ValuesIn(optimizer_cases),
                         [](const ::testing::TestParamInfo<OptimizerCase>& test) { return test.param.name; });

}  // namespace
}  // namespace sigmagrad::optim
