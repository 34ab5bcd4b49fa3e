// SPDX-License-Identifier: BSD-3-Clause
// Spectral normalisation: a network whose layers, and so the whole, are 1-Lipschitz, learns what it may of a steep
// line.
#include <iostream>

#include <sigmagrad/sigmagrad.hpp>

namespace sg = sigmagrad;
using sg::nn::Linear, sg::nn::parametrize, sg::nn::SpectralNorm;

int main() {
  sg::manual_seed(1);
  const auto first = parametrize(Linear(1, 16), SpectralNorm{}), last = parametrize(Linear(16, 1), SpectralNorm{});
  const sg::nn::Sequential model{first, sg::nn::ReLU(), last};
  sg::optim::Adam optimizer(model.parameters(), {.lr = 0.01});
  const auto x = sg::randn({128, 1});
  for (int step = 0; step <= 1000; ++step) {
    const auto loss = sg::mse_loss(model(x), 3.0 * x);  // slope 3 is out of reach
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    if (step % 500 == 0) std::cout << "step " << step << " loss " << loss.item() << '\n';
  }
  std::cout << "spectral norms " << sg::linalg::norm(first.weight(), 2).item() << " and "
            << sg::linalg::norm(last.weight(), 2).item() << '\n';
}
