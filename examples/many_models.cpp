// SPDX-License-Identifier: BSD-3-Clause
// 1000 networks at once, each with a rate of its own: which rates learn, and how fast? Models are a leading axis of
// every tensor; `train_models` takes them a few at a time, so that they stay in the cache.
#include <iostream>

#include <sigmagrad/sigmagrad.hpp>

namespace sg = sigmagrad;

struct Mlp : sg::nn::Module {
  sg::nn::Linear hidden, out;
  Mlp()
      : hidden(register_module("hidden", sg::nn::Linear(2, 16))), out(register_module("out", sg::nn::Linear(16, 1))) {}
  sg::Tensor operator()(const sg::Tensor& x) const { return out(sg::relu(hidden(x))); }
};

int main() {
  sg::manual_seed(1);
  const auto x = sg::randn({32, 2}), y = sg::sin(x.sum(1, true));
  const auto rates = sg::logspace(-3.0, 1.0, 1000);

  const auto trained = sg::optim::train_models<sg::optim::SGD>(
      1000, {.lr = 1.0, .lr_scale = rates}, {.steps = 500, .loss_below = 0.1}, [&](std::int64_t first, std::int64_t n) {
        std::vector<Mlp> models;
        for (std::int64_t m = first; m < first + n; ++m) {
          sg::default_generator().seed(1, m);  // a model's start is its own, whatever is beside it
          models.emplace_back();
        }
        const Mlp many = sg::nn::stack_models(models);  // weights [n, out, in]
        const auto targets = y.expand({n, 32, 1});
        return sg::optim::ModelBatch{many.parameters(), [=] {
                                       return sg::mse_loss(many(x), targets, sg::Reduction::None).mean({-2, -1});
                                     }};
      });

  const auto losses = trained.losses.reshape({4, 250});  // a row for each power of ten
  for (int row = 0; row < 4; ++row) {
    const double learned = (losses[row] < 0.1).sum().item(), finite = sg::isfinite(losses[row]).sum().item();
    std::cout << "250 rates from 1e" << row - 3 << " on: " << learned << " learn, " << 250 - finite << " diverge\n";
  }
}
