// SPDX-License-Identifier: BSD-3-Clause
#include <iostream>

#include <sigmagrad/sigmagrad.hpp>

namespace sg = sigmagrad;

int main() {
  sg::manual_seed(42);
  const auto target = sg::randn({64, 64}) / 8.0;
  sg::nn::Linear model(64, 64, {.bias = false});
  sg::optim::SGD optimizer(model.parameters(), {.lr = 1.0});

  auto step = sg::capture([&] {
    const auto x = sg::randn({64, 64});  // drawn anew at every call
    const auto loss = sg::mse_loss(model(x), sg::matmul(x, target.t()));
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    return loss;
  });
  for (int i = 0; i < 200; ++i) step();

  std::cout << "loss " << step.output().item() << '\n';
  const auto error = model.weight - target;
  std::cout << "distance to the target " << sg::sqrt(sg::square(error).sum()).item() << '\n';
}
