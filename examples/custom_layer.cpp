// SPDX-License-Identifier: BSD-3-Clause
// A layer is a struct that registers its tensors and parts, and has an operator().
#include <iostream>

#include <sigmagrad/sigmagrad.hpp>

namespace sg = sigmagrad;

// x + gate * tanh(W x + b), with a gate of its own for each coordinate, closed at the start.
struct GatedResidual : sg::nn::Module {
  sg::nn::Linear inner;
  sg::nn::Parameter gate;

  explicit GatedResidual(std::int64_t width)
      : inner(register_module("inner", sg::nn::Linear(width, width))),
        gate(register_parameter("gate", sg::zeros({width}))) {}
  sg::Tensor operator()(const sg::Tensor& x) const { return x + gate * sg::tanh(inner(x)); }
};

int main() {
  sg::manual_seed(1);
  const sg::nn::Sequential model{GatedResidual(8), GatedResidual(8), sg::nn::Linear(8, 1)};
  std::cout << model;

  const auto x = sg::randn({256, 8}), y = sg::tanh(x.sum(-1, true));
  sg::optim::Adam optimizer(model.parameters(), {.lr = 0.01});
  for (int step = 0; step <= 400; ++step) {
    const auto loss = sg::mse_loss(model(x), y);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    if (step % 200 == 0) std::cout << "step " << step << " loss " << loss.item() << '\n';
  }
}
