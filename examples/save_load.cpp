// SPDX-License-Identifier: BSD-3-Clause
// Keeping a model, and a run: the weights as safetensors, which Python opens too, and a checkpoint from which training
// goes on to the same bits.
#include <filesystem>
#include <iostream>

#include <sigmagrad/sigmagrad.hpp>

namespace sg = sigmagrad;

struct Run {
  sg::nn::Linear model{8, 8};
  sg::optim::Adam optimizer{model.parameters(), {.lr = 0.01}};
  sg::optim::StepLR schedule{optimizer, {.step_size = 50, .gamma = 0.5}};

  void train(int steps) {
    for (int step = 0; step < steps; ++step) {
      const auto x = sg::randn({16, 8});
      optimizer.zero_grad();
      sg::mse_loss(model(x), x).backward();
      optimizer.step();
      schedule.step();
    }
  }
};

int main() {
  const auto folder = std::filesystem::temp_directory_path() / "sigmagrad_save_load";
  std::filesystem::create_directories(folder);

  sg::manual_seed(1);
  Run run;
  run.train(100);
  sg::save(run.model.state_dict(), folder / "model.safetensors");
  sg::save_checkpoint(folder / "run.ckpt", run.model, run.optimizer, run.schedule);
  run.train(100);

  sg::nn::Linear model(8, 8);
  model.load_state_dict(sg::load(folder / "model.safetensors"));
  std::cout << "loaded " << model;

  Run again;  // another start, replaced: model, optimiser, schedule and random numbers are those of step 100
  sg::load_checkpoint(folder / "run.ckpt", again.model, again.optimizer, again.schedule);
  again.train(100);
  const auto difference = sg::max(sg::abs(again.model.weight - run.model.weight)).item();
  std::cout << "after 200 steps the weights differ by " << difference << '\n';

  try {
    sg::nn::Linear(4, 8).load_state_dict(sg::load(folder / "model.safetensors"));
  } catch (const sg::Error& error) {
    std::cout << error.what() << '\n';
  }
  std::filesystem::remove_all(folder);
}
