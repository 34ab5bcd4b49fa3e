// SPDX-License-Identifier: BSD-3-Clause
// An optimiser is one update of one parameter: here Lion (Chen et al. 2023, algorithm 2).
#include <iostream>

#include <sigmagrad/sigmagrad.hpp>

namespace sg = sigmagrad;

struct Lion : sg::optim::Optimizer {
  struct Options {
    double lr = 1e-4;
    double beta1 = 0.9, beta2 = 0.99;
  };
  Lion(std::vector<sg::Tensor> params, Options o) : Optimizer(std::move(params), o.lr), options(o) {}
  Options options;

 protected:
  void update(sg::Tensor& p, const sg::Tensor& grad, State& state, const Group& group) override {
    auto momentum = state.buffer("momentum", p);
    p.sub_(group.lr() * sg::sign(options.beta1 * momentum + (1.0 - options.beta1) * grad));
    momentum.mul_(options.beta2).add_((1.0 - options.beta2) * grad);
  }
};

int main() {
  sg::manual_seed(1);
  const auto x = sg::randn({64, 8}), y = sg::matmul(x, sg::randn({8, 1}));
  sg::nn::Linear model(8, 1);
  Lion optimizer(model.parameters(), {.lr = 0.01});
  for (int step = 0; step <= 300; ++step) {
    const auto loss = sg::mse_loss(model(x), y);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    if (step % 100 == 0) std::cout << "step " << step << " loss " << loss.item() << '\n';
  }
}
