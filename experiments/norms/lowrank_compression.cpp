// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include <sigmagrad/experiments/norms/classifier.hpp>
#include <sigmagrad/experiments/norms/lowrank.hpp>

namespace sigmagrad::experiments::norms {
namespace {

constexpr std::int64_t width = 96;

double numbers_of(const nn::Module& model) {
  double count = 0.0;
  for (const auto& parameter : model.parameters()) count += static_cast<double>(parameter.numel());
  return count;
}

// The largest deviations of a layer's error from s_(k+1) and of its numbers from k (m + n).
void see_layer(const nn::Linear& layer, std::int64_t rank, double& error, double& count) {
  const auto pair = nn::compress(layer, rank);
  const auto &first = pair.layer<nn::Linear>(0)->weight, &second = pair.layer<nn::Linear>(1)->weight;
  const auto s = linalg::svdvals(layer.weight).to_vector();
  const double distance = linalg::norm(layer.weight - matmul(second, first), 2).item();
  error = larger(error, std::abs(distance - s[static_cast<std::size_t>(rank)]) / s[0]);
  const auto expected = rank * (layer.weight.size(0) + layer.weight.size(1));
  count = larger(count, std::abs(static_cast<double>(first.numel() + second.numel() - expected)));
}

}  // namespace

void compression::check(Trial& t) {
  const auto generator = t.generator();
  const auto data = split_mixture(0.0, *generator);
  const nn::Sequential model{nn::Linear(data.train.x.size(1), width), nn::ReLU(), nn::Linear(width, width), nn::ReLU(),
                             nn::Linear(width, classes)};
  fit(model, data.train, {}, *generator);
  const NoGrad guard;
  const double all = numbers_of(model);
  t.record(whole, norms::accuracy(model, data.test));
  double error = 0.0, count = 0.0, with_half = 0.0, with_tenth = 0.0;
  for (const std::int64_t rank : {1, 2, 3, 4, 6, 8, 12, 16, 24, 32}) {
    for (const std::size_t layer : {0u, 2u}) see_layer(*model.layer<nn::Linear>(layer), rank, error, count);
    const auto small = nn::compress(model, rank);
    const double kept = std::round(1e4 * numbers_of(small) / all) / 1e4, right = norms::accuracy(small, data.test);
    t.record(accuracy, kept, right);
    if (kept <= 0.5) with_half = right;
    if (kept <= 0.1) with_tenth = right;
  }
  const auto energetic = nn::compress(model, {.energy = 0.9});
  t.record(by_energy, norms::accuracy(energetic, data.test));
  t.record(numbers_by_energy, numbers_of(energetic) / all);
  t.record(half, with_half);
  t.record(tenth, with_tenth);
  t.record(layer_error, error);
  t.record(numbers, count);
}

}  // namespace sigmagrad::experiments::norms
