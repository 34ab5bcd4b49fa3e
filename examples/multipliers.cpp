// SPDX-License-Identifier: BSD-3-Clause
// Learnable multipliers: a target whose rows have very different lengths, learned with and without.
#include <iostream>

#include <sigmagrad/sigmagrad.hpp>

namespace sg = sigmagrad;

// Trains the layer on batches of the target's own outputs.
template <class Layer>
void train(const Layer& layer, const sg::Tensor& target) {
  sg::optim::SGD optimizer(layer.parameters(), {.lr = 0.05});
  for (int step = 0; step < 300; ++step) {
    const auto x = sg::randn({64, target.size(1)});
    const auto loss = sg::mse_loss(layer(x), sg::matmul(x, target.t()));
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
  }
}

int main() {
  sg::manual_seed(1);
  const auto scales = sg::exp(1.5 * sg::randn({32, 1}));
  const auto target = scales * sg::randn({32, 32}) / 8.0;

  const sg::nn::Linear plain(32, 32, {.bias = false});
  const auto scaled = sg::nn::parametrize(plain, sg::nn::Multipliers{});  // starts where `plain` does
  std::cout << scaled;
  train(plain, target);
  train(scaled, target);

  const auto without = sg::relative_errors(plain.weight, target), with = sg::relative_errors(scaled.weight(), target);
  std::cout << "row norms: relative error " << without.row_norm << " without, " << with.row_norm
            << " with multipliers\n"
            << "condition number: " << without.cond << " and " << with.cond << '\n';
}
