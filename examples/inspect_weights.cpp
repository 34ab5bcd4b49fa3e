// SPDX-License-Identifier: BSD-3-Clause
// What training puts into the weights: singular values that stand above noise.
#include <iostream>

#include <sigmagrad/sigmagrad.hpp>

namespace sg = sigmagrad;

void show(const sg::nn::Sequential& model) {
  for (const auto& [name, weight] : sg::inspect(model))
    std::cout << name << ": condition number " << weight.cond << ", stable rank " << weight.stable_rank << ", "
              << weight.spikes << " above noise\n";
}

int main() {
  sg::manual_seed(1);
  const auto x = sg::randn({256, 32}), y = sg::tanh(sg::matmul(x, sg::randn({32, 2})));
  const sg::nn::Sequential model{sg::nn::Linear(32, 64), sg::nn::ReLU(), sg::nn::Linear(64, 2)};
  show(model);
  sg::optim::Adam optimizer(model.parameters(), {.lr = 0.01});
  for (int step = 0; step < 200; ++step) {
    optimizer.zero_grad();
    sg::mse_loss(model(x), y).backward();
    optimizer.step();
  }
  std::cout << "after 200 steps\n";
  show(model);
}
