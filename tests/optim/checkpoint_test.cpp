// SPDX-License-Identifier: BSD-3-Clause
// Checkpoints of whole runs: model with buffers and dropout, optimiser, schedule and random numbers.
#include <sigmagrad/sigmagrad.hpp>
#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/scratch.hpp>

namespace sigmagrad::optim {
namespace {

using testing::error_of;
using testing::same;

nn::Sequential make_model() {
  return nn::Sequential{nn::parametrize(nn::Linear(4, 8), nn::SpectralNorm{}), nn::ReLU(), nn::Dropout(0.2),
                        nn::Linear(8, 2)};
}

struct Training {
  nn::Sequential model = make_model();
  Adam optimizer{model.parameters(), {.lr = 0.05}};
  CosineAnnealingLR schedule{optimizer, {.T_max = 12}};

  Tensor step() {
    const auto x = randn({6, 4});
    optimizer.zero_grad();
    const auto loss = square(model(x) - x.narrow(-1, 0, 2)).sum();
    loss.backward();
    optimizer.step();
    return loss;
  }
  void train(int steps) {
    for (int i = 0; i < steps; ++i) {
      step();
      schedule.step();
    }
  }
};

class Checkpoint : public ::testing::Test {
 protected:
  void SetUp() override { manual_seed(2); }

  static void expect_same(const NamedTensors& a, const NamedTensors& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(a[i].first, b[i].first);
      EXPECT_TRUE(same(a[i].second, b[i].second)) << a[i].first;
    }
  }

  testing::Scratch folder;
  const std::filesystem::path path = folder / "run.ckpt";
};

TEST_F(Checkpoint, ARunGoesOnToTheSameBits) {
  Training first;
  first.train(5);
  save_checkpoint(path, first.model, first.optimizer, first.schedule);
  first.train(5);
  manual_seed(77);
  Training second;
  load_checkpoint(path, second.model, second.optimizer, second.schedule);
  second.train(5);
  expect_same(second.model.state_dict(), first.model.state_dict());
  expect_same(second.optimizer.state_dict(), first.optimizer.state_dict());
  expect_same(second.schedule.state_dict(), first.schedule.state_dict());
}

TEST_F(Checkpoint, ACapturedStepGoesOnFromALoadedState) {
  Training run;
  auto step = capture([&] { return run.step(); });
  step();
  save_checkpoint(path, run.model, run.optimizer, run.schedule);
  std::vector<Tensor> losses;
  for (int i = 0; i < 3; ++i) losses.push_back(step().clone());
  load_checkpoint(path, run.model, run.optimizer, run.schedule);
  for (const auto& loss : losses) EXPECT_TRUE(same(step(), loss));
}

TEST_F(Checkpoint, WhereOnePartRefusesNothingChanges) {
  Training saved;
  saved.train(3);
  SGD other(saved.model.parameters(), {.lr = 0.1, .momentum = 0.9});
  saved.step();
  other.step();
  save_checkpoint(path, saved.model, other, saved.schedule);
  Training run;
  run.train(2);
  const auto model = run.model.state_dict(), optimizer = run.optimizer.state_dict();
  const auto generator = default_generator().state();
  const auto message = error_of([&] { load_checkpoint(path, run.model, run.optimizer, run.schedule); });
  EXPECT_NE(message.find("part 1"), std::string::npos) << message;
  expect_same(run.model.state_dict(), model);
  expect_same(run.optimizer.state_dict(), optimizer);
  EXPECT_EQ(default_generator().state(), generator);
}

}  // namespace
}  // namespace sigmagrad::optim
