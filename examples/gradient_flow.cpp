// SPDX-License-Identifier: BSD-3-Clause
// Gradient flow instead of gradient descent: a depth-3 factorisation fits the diagonal of a 3 x 3 matrix from ever
// smaller starts and tends to rank one: all entries 1. The steps grow where the flow is slow.
#include <iostream>

#include <sigmagrad/sigmagrad.hpp>

namespace sg = sigmagrad;

int main() {
  const auto diagonal = sg::eye(3);
  for (const double alpha : {1e-1, 1e-2, 1e-3}) {
    // Factors alpha (1 on the diagonal, 1/2 off it).
    std::vector<sg::Tensor> factors;
    for (int l = 0; l < 3; ++l)
      factors.push_back(sg::nn::init::identity_(sg::empty({3, 3}), alpha, 2.0).requires_grad_());
    const auto product = [&] { return sg::matmul(factors[2], sg::matmul(factors[1], factors[0])); };
    const auto loss = [&] { return sg::masked_mse_loss(product(), diagonal, diagonal, sg::Reduction::HalfSum); };
    const auto flow = sg::optim::gradient_flow(loss, factors, {.t_end = 1e9, .rtol = 1e-8, .loss_below = 1e-14});
    const auto s = sg::linalg::svdvals(product());
    std::cout << "alpha " << alpha << ": s1 " << s.select(0, 0).item() << ", s2 " << s.select(0, 1).item()
              << " at time " << flow.t.item() << '\n';
  }
}
