// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/norms/classifier.hpp>

namespace sigmagrad::experiments::norms {

Split split_mixture(double label_noise, Generator& generator) {
  auto all = completion::cluster_mixture(generator);
  all.labels = completion::noisy_labels(all.labels, label_noise, generator);
  const std::int64_t half = all.x.size(0) / 2;
  const auto part = [&](std::int64_t begin) {
    return Examples{all.x.narrow(0, begin, half), all.labels.narrow(0, begin, half)};
  };
  return {part(0), part(half)};
}

void fit(const nn::Sequential& model, const Examples& data, const FitOptions& options, Generator& order) {
  constexpr std::int64_t batch = 100;
  const std::int64_t n = data.x.size(0);
  optim::Adam optimizer(model.parameters(), {.lr = options.lr});
  auto rows = empty({batch});
  auto step = capture([&] {
    const auto x = index_select(data.x, 0, rows);
    for (std::int64_t k = 1; k < options.power_steps; ++k) {
      const NoGrad guard;
      model(x.narrow(0, 0, 1));  // each call in training makes a power step
    }
    const auto loss = cross_entropy(options.logit_scale * model(x), index_select(data.labels, 0, rows));
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
  });
  std::int64_t steps = 0;
  for (std::int64_t epoch = 0; epoch < options.epochs; ++epoch) {
    const auto permutation = randperm(n, order);
    for (std::int64_t begin = 0; begin + batch <= n; begin += batch) {
      rows.copy_(permutation.narrow(0, begin, batch));
      step();
      if (options.look && ++steps % 10 == 0) options.look();
    }
  }
}

double accuracy(const nn::Sequential& model, const Examples& data) {
  const NoGrad guard;
  return (argmax(model(data.x), -1) == data.labels).mean().item();
}

}  // namespace sigmagrad::experiments::norms
