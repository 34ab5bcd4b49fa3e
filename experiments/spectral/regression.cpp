// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/spectral/regression.hpp>

#include <array>
#include <cmath>
#include <utility>

namespace sigmagrad::experiments::spectral {

Tensor heterogeneous_target(std::int64_t size, Generator& generator) {
  const auto Z = randn({size, size}, generator);
  const auto z = randn({size, 1}, generator);
  return exp(0.5 * z) * Z * std::sqrt(2.0 / static_cast<double>(size));
}

Tensor gaussian_layer(std::int64_t size, double scale, Generator& generator) {
  return scale * std::sqrt(2.0 / static_cast<double>(size)) * randn({size, size}, generator);
}

nn::Linear small_start(std::int64_t size, Generator& generator) {
  return nn::Linear(gaussian_layer(size, 0.1, generator));
}

Tensor regression_loss(const Tensor& prediction, const Tensor& y) {
  return mse_loss(prediction, y, Reduction::HalfSum) / static_cast<double>(y.size(0));
}

Tensor population_loss(const Tensor& weight, const Tensor& target) {
  return mse_loss(weight, target, Reduction::HalfSum);
}

void train(optim::Optimizer& optimizer, std::int64_t updates, const std::function<Tensor()>& loss,
           const std::function<void(std::int64_t)>& look) {
  auto gradient = capture([&] {
    optimizer.zero_grad();
    loss().backward();
  });
  for (std::int64_t step = 0; step < updates; ++step) {
    gradient();
    if (look) look(step);
    optimizer.step();
  }
}

namespace {

std::array<std::pair<const Quantity*, double>, 8> listed(const RelativeErrors& e) {
  return {{{&row_norm_error, e.row_norm},
           {&col_norm_error, e.col_norm},
           {&singular_value_error, e.singular_value},
           {&cond_error, e.cond},
           {&rank_error, e.rank},
           {&gap_error, e.gap},
           {&fro_error, e.fro},
           {&overall_error, e.overall}}};
}

}  // namespace

void record_errors(Trial& trial, const RelativeErrors& errors) {
  for (const auto& [quantity, error] : listed(errors)) trial.record(*quantity, error);
}

void record_errors_at(Trial& trial, std::int64_t step, const RelativeErrors& errors) {
  for (const auto& [quantity, error] : listed(errors))
    trial.record(over_steps(*quantity), static_cast<double>(step), error);
}

Tensor loss_by_gradient(const nn::Linear& model, const Tensor& target, Generator& generator, const Trial& trial) {
  if (trial[gradient_of] == "population") return population_loss(model.weight, target);
  return loss_on_batch(model, target, generator, trial[noise]);
}

}  // namespace sigmagrad::experiments::spectral
