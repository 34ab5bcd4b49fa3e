// SPDX-License-Identifier: BSD-3-Clause
// A regulariser is a function of a weight: here the variance of the log singular values, beside a built-in one.
#include <iostream>

#include <sigmagrad/sigmagrad.hpp>

namespace sg = sigmagrad;

sg::Tensor flatness(const sg::Tensor& w) {
  const auto s = sg::log(sg::linalg::svdvals(w));
  return sg::square(s - sg::mean(s)).sum();
}

// Trains on few noisy samples and prints the condition number and the error on fresh ones.
void train(const char* name, const sg::nn::Penalty& penalty) {
  sg::manual_seed(1);
  const auto truth = sg::randn({16, 16}) / 4.0 + 2.0 * sg::eye(16);
  const auto x = sg::randn({20, 16}), y = sg::matmul(x, truth.t()) + 0.5 * sg::randn({20, 16});
  const sg::nn::Sequential model{sg::nn::Linear(16, 16, {.bias = false})};
  sg::optim::Adam optimizer(model.parameters(), {.lr = 0.02});
  for (int step = 0; step < 1000; ++step) {
    const auto loss = sg::mse_loss(model(x), y) + penalty(model);  // of every weight of two or more axes
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
  }
  const auto weight = model.parameters()[0];
  std::cout << name << ": condition number " << sg::linalg::cond(weight).item() << ", error "
            << (sg::linalg::norm(weight - truth) / sg::linalg::norm(truth)).item() << '\n';
}

int main() {
  const sg::nn::Penalty flat(flatness);
  train("no penalty", 0.0 * flat);
  train("flatness", 0.02 * flat);
  train("flatness and nuclear norm", 0.02 * flat + 0.01 * sg::nn::nuclear_penalty());
}
