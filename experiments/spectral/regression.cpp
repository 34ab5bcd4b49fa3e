// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/spectral/regression.hpp>

#include <cmath>

namespace sigmagrad::experiments::spectral {

Tensor heterogeneous_target(std::int64_t d, Generator& generator) {
  const auto Z = randn({d, d}, generator);
  const auto z = randn({d, 1}, generator);
  return exp(0.5 * z) * Z * std::sqrt(2.0 / static_cast<double>(d));
}

Tensor gaussian_layer(std::int64_t d, double scale, Generator& generator) {
  return scale * std::sqrt(2.0 / static_cast<double>(d)) * randn({d, d}, generator);
}

nn::Linear small_start(std::int64_t d, Generator& generator) { return nn::Linear(gaussian_layer(d, 0.1, generator)); }

Tensor regression_loss(const Tensor& prediction, const Tensor& y) {
  return mse_loss(prediction, y, Reduction::HalfSum) / static_cast<double>(y.size(0));
}

Tensor population_loss(const Tensor& weight, const Tensor& target) {
  return mse_loss(weight, target, Reduction::HalfSum);
}

void train(optim::Optimizer& optimizer, std::int64_t steps, const std::function<Tensor()>& loss,
           const std::function<void(std::int64_t)>& look) {
  auto gradient = capture([&] {
    optimizer.zero_grad();
    loss().backward();
  });
  for (std::int64_t step = 0; step < steps; ++step) {
    gradient();
    if (look) look(step);
    optimizer.step();
  }
}

Metrics error_metrics(const RelativeErrors& e) {
  return {{"row_norm_error", e.row_norm}, {"col_norm_error", e.col_norm}, {"singular_value_error", e.singular_value},
          {"cond_error", e.cond},         {"rank_error", e.rank},         {"gap_error", e.gap},
          {"fro_error", e.fro},           {"overall_error", e.overall}};
}

void add_errors_at(Metrics& metrics, std::int64_t step, const RelativeErrors& errors) {
  const auto all = error_metrics(errors);
  for (const auto& [name, error] : all.items()) metrics.add_at(name, static_cast<double>(step), error);
}

Parameter lr_parameter() { return {.name = "lr", .help = "learning rate of SGD", .quick = {0.01}, .minimum = 0}; }
Parameter steps_parameter() {
  return {.name = "steps", .help = "steps, each on a fresh batch of 64", .quick = {200}, .minimum = 1};
}
Parameter noise_parameter() {
  return {.name = "noise", .help = "standard deviation of the labels' noise", .quick = {label_noise}, .minimum = 0};
}

Parameter gradient_parameter() {
  return {.name = "gradient",
          .help = "of a fresh batch, or of the whole population (W - T)",
          .quick = {"batch", "population"}};
}

Tensor loss_by_gradient(const nn::Linear& model, const Tensor& target, Generator& generator, const Params& params) {
  if (params.text("gradient") == "population") return population_loss(model.weight, target);
  return loss_on_batch(model, target, generator, params.real("noise"));
}

Parameter sample_parameter() {
  return {.name = "sample", .help = "the paper's trials, or others than those", .quick = {"paper", "other"}};
}

bool is_other_sample(const Params& params) { return params.text("sample") == "other"; }

Trial sampled(const Trial& trial) {
  constexpr std::int64_t beyond_the_papers = 1000;
  Trial result = trial;
  if (is_other_sample(trial.params)) result.index += beyond_the_papers;
  return result;
}

}  // namespace sigmagrad::experiments::spectral
