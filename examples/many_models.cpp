// SPDX-License-Identifier: BSD-3-Clause
// 300 models at once: a leading axis is 300 independent trials. Each completes the 2 x 2 matrix [[1, ?], [?, 1]] as a
// product of three factors, from a small random start; the smaller the start, the closer to rank one it ends.
#include <iostream>

#include <sigmagrad/sigmagrad.hpp>

namespace sg = sigmagrad;

int main() {
  for (const double scale : {0.5, 0.1}) {
    sg::manual_seed(1);
    std::vector<sg::Tensor> factors;
    for (int l = 0; l < 3; ++l)
      factors.push_back((scale * sg::randn({300, 2, 2}) + scale * sg::eye(2)).requires_grad_());
    const auto product = [&] { return sg::matmul(factors[2], sg::matmul(factors[1], factors[0])); };
    const auto target = sg::eye(2).expand({300, 2, 2}), observed = target;

    sg::optim::Adam optimizer(factors, {.lr = 0.01});
    auto step = sg::capture([&] {
      // Summed over the trials, so that each has its own gradient.
      const auto loss = sg::masked_mse_loss(product(), target, observed, sg::Reduction::HalfSum);
      optimizer.zero_grad();
      loss.backward();
      optimizer.step();
      return loss;
    });
    for (int i = 0; i < 3000; ++i) step();

    const auto rank = sg::linalg::effective_rank(product());  // [300]
    std::cout << "scale " << scale << ": effective rank " << sg::mean(rank).item() << " on average, from "
              << sg::min(rank).item() << " to " << sg::max(rank).item() << '\n';
  }
}
