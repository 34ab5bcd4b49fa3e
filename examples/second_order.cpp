// SPDX-License-Identifier: BSD-3-Clause
// Second order: curvature along the way of gradient descent, and a Newton step at its end.
#include <iostream>

#include <sigmagrad/sigmagrad.hpp>

namespace sg = sigmagrad;

int main() {
  sg::manual_seed(2);
  const auto a = (0.5 * sg::randn({4, 4})).requires_grad_(), b = (0.5 * sg::randn({4, 4})).requires_grad_();
  const auto target = sg::randn({4, 4});
  const auto loss = [&] { return 0.5 * sg::square(sg::matmul(b, a) - target).sum(); };

  // The ends of the Hessian's spectrum, over both factors, by Lanczos: no Hessian is formed.
  sg::optim::SGD optimizer({a, b}, {.lr = 0.05});
  for (int step = 0; step <= 200; ++step) {
    if (step % 100 == 0) {
      const auto curvature = sg::hessian_extremes(loss, {a, b});
      std::cout << "step " << step << " loss " << loss().item() << " curvature from " << curvature.smallest << " to "
                << curvature.largest << '\n';
    }
    optimizer.zero_grad();
    loss().backward();
    optimizer.step();
  }

  // A Hessian-vector product is the gradient of a directional derivative.
  const auto v = sg::ones({4, 4});
  const auto [gradient] = sg::grad(loss(), {a}, {.create_graph = true});
  const auto [product] = sg::grad((gradient * v).sum(), {a});
  std::cout << "v' H v " << (product * v).sum().item() << '\n';

  // In `a` alone the loss is quadratic: one Newton step, with the Hessian [4, 4, 4, 4] as a matrix, is at the minimum.
  const auto of_a = [&](const sg::Tensor& x) { return 0.5 * sg::square(sg::matmul(b.detach(), x) - target).sum(); };
  const auto hessian = sg::hessian(of_a, a.detach()).reshape({16, 16});
  const auto step = sg::linalg::solve(hessian, gradient.detach().reshape({16, 1})).reshape({4, 4});
  std::cout << "loss " << of_a(a.detach()).item()
            << ", after the step below 1e-20: " << (of_a(a.detach() - step).item() < 1e-20) << '\n';
}
