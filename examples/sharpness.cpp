// SPDX-License-Identifier: BSD-3-Clause
// Sharpness along training: the ends of the Hessian's spectrum under plain gradient descent, and under SAM, which looks
// for flat minima.
#include <iomanip>
#include <iostream>

#include <sigmagrad/sigmagrad.hpp>

namespace sg = sigmagrad;

int main() {
  for (const double rho : {0.0, 0.1}) {
    sg::manual_seed(2);
    const auto x = sg::linspace(-1.0, 1.0, 32).unsqueeze(1), y = sg::sin(4.0 * x);
    const sg::nn::Sequential net{sg::nn::Linear(1, 12), sg::nn::Tanh(), sg::nn::Linear(12, 1)};
    sg::optim::SGD optimizer(net.parameters(), {.lr = 0.1});
    sg::optim::SAM sam(optimizer, {.rho = rho});
    const auto loss_of = [&] { return sg::mse_loss(net(x), y); };

    std::cout << (rho > 0.0 ? "SAM\n" : "gradient descent\n");
    for (int step = 0; step <= 2000; ++step) {
      if (step % 500 == 0) {
        const auto ends = sg::hessian_extremes(loss_of, net.parameters());
        std::cout << "step " << std::setw(4) << step << " loss " << loss_of().item() << " eigenvalues " << ends.smallest
                  << " to " << ends.largest << '\n';
      }
      sam.step([&] {  // is called at the parameters, and where the loss nearby is largest
        sam.zero_grad();
        const auto loss = loss_of();
        loss.backward();
        return loss;
      });
    }
  }
}
