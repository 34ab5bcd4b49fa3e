// SPDX-License-Identifier: BSD-3-Clause
// Eight seeds on threads of their own. Each thread has its own generator, graph and memory; the data, which nobody
// changes, are shared. What a seed gives does not depend on the threads beside it.
#include <future>
#include <iostream>

#include <sigmagrad/sigmagrad.hpp>

namespace sg = sigmagrad;

// Makes, within its thread, all that it changes: the model, the optimiser and the captured step.
double train(const sg::Tensor& x, const sg::Tensor& y, std::uint64_t seed) {
  sg::manual_seed(seed);  // this thread's generator alone
  const sg::nn::Sequential net{sg::nn::Linear(2, 16), sg::nn::Tanh(), sg::nn::Linear(16, 1)};
  sg::optim::Adam optimizer(net.parameters(), {.lr = 0.01});
  auto step = sg::capture([&] {
    const auto loss = sg::mse_loss(net(x), y);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    return loss;
  });
  for (int i = 0; i < 200; ++i) step();
  return step.output().item();
}

int main() {
  sg::manual_seed(0);
  const auto x = sg::randn({64, 2}), y = sg::sin(x.sum(1, true));
  std::vector<std::future<double>> losses;
  for (std::uint64_t seed = 0; seed < 8; ++seed)
    losses.push_back(std::async(std::launch::async, [&, seed] { return train(x, y, seed); }));
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    const double loss = losses[seed].get();  // an Error in the thread is thrown here
    std::cout << "seed " << seed << " loss " << loss;
    std::cout << (loss == train(x, y, seed) ? ", the same bits on the main thread\n" : ", others on the main thread\n");
  }
}
