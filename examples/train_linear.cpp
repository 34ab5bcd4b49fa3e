// SPDX-License-Identifier: BSD-3-Clause
#include <iostream>

#include <sigmagrad/sigmagrad.hpp>

namespace sg = sigmagrad;

int main() {
  sg::manual_seed(42);
  const auto target = sg::randn({64, 64}) / 8.0;
  sg::nn::Linear model(64, 64, {.bias = false});
  sg::optim::SGD optimizer(model.parameters(), {.lr = 1.0});
  for (int step = 0; step < 200; ++step) {
    const auto x = sg::randn({64, 64});  // [batch, in]
    const auto loss = sg::mse_loss(model(x), sg::matmul(x, target.t()));
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    if (step % 50 == 0) std::cout << "step " << step << " loss " << loss.item() << '\n';
  }
  const auto error = model.weight - target;
  std::cout << "distance to the target " << sg::sqrt(sg::square(error).sum()).item() << '\n';
}
