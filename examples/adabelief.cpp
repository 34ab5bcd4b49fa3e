// SPDX-License-Identifier: BSD-3-Clause
// Bias correction in an optimiser of one's own: the updates are counted in a tensor, so that captured steps count on.
// Here AdaBelief (Zhuang et al. 2020, algorithm 2), beside the library's.
#include <iostream>

#include <sigmagrad/sigmagrad.hpp>

namespace sg = sigmagrad;

struct AdaBelief : sg::optim::Optimizer {
  struct Options {
    double lr = 1e-3;
    double beta1 = 0.9, beta2 = 0.999, eps = 1e-16;
  };
  AdaBelief(std::vector<sg::Tensor> params, Options o) : Optimizer(std::move(params), o.lr), options(o) {}
  const Options options;

 protected:
  void update(sg::Tensor& p, const sg::Tensor& grad, State& state, const Group& group) override {
    const auto& [lr, beta1, beta2, eps] = options;
    auto m = state.buffer("mean", p), s = state.buffer("variance", p), t = state.buffer("count", {}, sg::f64);
    t.add_(1.0);  // state.step is a number of the host, which a replay would not read again
    m.mul_(beta1).add_((1.0 - beta1) * grad);
    s.mul_(beta2).add_((1.0 - beta2) * sg::square(grad - m) + eps);
    const auto mean = m / (1.0 - sg::pow(beta1, t)).to(p.dtype());
    const auto variance = s / (1.0 - sg::pow(beta2, t)).to(p.dtype());
    p.sub_(group.lr() * (mean / (sg::sqrt(variance) + eps)));  // group.lr(), not lr: schedules change it
  }
};

template <class Optimizer, class Options>
sg::Tensor trained(Options options) {
  sg::manual_seed(1);
  const auto x = sg::randn({64, 8}), y = sg::matmul(x, sg::randn({8, 1}));
  const sg::nn::Linear model(8, 1);
  Optimizer optimizer(model.parameters(), options);
  sg::optim::ExponentialLR schedule(optimizer, {.gamma = 0.99});
  auto step = sg::capture([&] {
    const auto loss = sg::mse_loss(model(x), y);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    return loss;
  });
  for (int i = 0; i < 300; ++i) {
    step();
    schedule.step();
  }
  std::cout << "loss " << step.output().item() << '\n';
  return model.weight.detach();
}

int main() {
  const auto own = trained<AdaBelief>(AdaBelief::Options{.lr = 0.05});
  const auto librarys = trained<sg::optim::AdaBelief>(sg::optim::AdaBeliefOptions{.lr = 0.05, .rectify = false});
  std::cout << "the same weights: " << (sg::allclose(own, librarys, 1e-9) ? "yes" : "no") << '\n';
}
