// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/norms/descend.hpp>

#include <cmath>

#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::norms {
namespace {

CapturedStep step_of(optim::Optimizer& optimizer, const std::function<Tensor()>& loss) {
  return capture([&optimizer, loss] {
    optimizer.zero_grad();
    loss().backward();
    optimizer.step();
  });
}

}  // namespace

void descend(const std::vector<Tensor>& varied, double lr, std::int64_t steps, const std::function<Tensor()>& loss) {
  optim::Adam optimizer(varied, {.lr = lr, .betas = {0.8, 0.95}});
  optim::ExponentialLR schedule(optimizer, {.gamma = std::pow(1e-3, 1.0 / static_cast<double>(steps))});
  auto step = step_of(optimizer, loss);
  for (std::int64_t k = 0; k < steps; ++k) {
    step();
    schedule.step();
  }
}

void gradient_descent(const std::vector<Tensor>& varied, double lr, const std::function<Tensor()>& loss,
                      const std::vector<std::int64_t>& looks, const std::function<void(std::int64_t)>& look) {
  optim::SGD optimizer(varied, {.lr = lr});
  auto step = step_of(optimizer, loss);
  std::int64_t k = 0;
  for (const std::int64_t next : looks) {
    for (; k < next; ++k) step();
    const NoGrad guard;
    look(next);
  }
}

}  // namespace sigmagrad::experiments::norms
