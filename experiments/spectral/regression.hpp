// SPDX-License-Identifier: BSD-3-Clause
// What the experiments of papers 000 and 001 share: targets, starts, batches, the training loop, the errors they
// report.
#pragma once

#include <functional>

#include <sigmagrad/experiments/harness/results.hpp>
#include <sigmagrad/experiments/harness/trial.hpp>
#include <sigmagrad/linalg/components.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::spectral {

inline constexpr std::int64_t batch = 64;
inline constexpr double label_noise = 0.01;

/// diag(exp(0.5 z)) Z sqrt(2/d), Z drawn before z: rows of unequal length (paper 001, section 3.2; 0.25 is the
/// variance).
Tensor heterogeneous_target(std::int64_t d, Generator& generator);

/// scale sqrt(2/d) randn(d, d).
Tensor gaussian_layer(std::int64_t d, double scale, Generator& generator);

/// The papers' start: small and Gaussian.
nn::Linear small_start(std::int64_t d, Generator& generator);

/// A fresh batch, inputs before label noise.
struct Batch {
  Tensor x, y;  // [batch, d]
};
template <class Teacher>
Batch draw_batch(std::int64_t d, Generator& generator, const Teacher& teacher, double noise = label_noise) {
  const NoGrad guard;
  const auto x = randn({batch, d}, generator);
  return {x, teacher(x) + noise * randn({batch, d}, generator)};
}

/// 1/2 mean_b ||prediction - y||^2.
Tensor regression_loss(const Tensor& prediction, const Tensor& y);

/// A model's loss on the next batch of `target`'s outputs.
template <class Model>
Tensor loss_on_batch(const Model& model, const Tensor& target, Generator& generator, double noise = label_noise) {
  const auto teacher = [&](const Tensor& x) { return matmul(x, target.t()); };
  const auto [x, y] = draw_batch(target.size(1), generator, teacher, noise);
  return regression_loss(model(x), y);
}

/// The mean of that loss over all batches, up to the noise: its gradient is W - T.
Tensor population_loss(const Tensor& weight, const Tensor& target);

/// Updates by the gradient of `loss()`, which is recorded once and replayed. `look(k)` sees the parameters after k
/// updates and the gradient there, k = 0, ..., steps - 1.
void train(optim::Optimizer& optimizer, std::int64_t steps, const std::function<Tensor()>& loss,
           const std::function<void(std::int64_t)>& look = {});

/// The errors under the names of every table: row_norm_error, ..., overall_error.
Metrics error_metrics(const RelativeErrors& errors);
/// The same as points of curves.
void add_errors_at(Metrics& metrics, std::int64_t step, const RelativeErrors& errors);

/// Parameters at the papers' values: the learning rate of SGD, the number of steps, the label noise.
Parameter lr_parameter();
Parameter steps_parameter();
Parameter noise_parameter();

/// A parameter `gradient`: of a fresh batch, or of the whole population.
Parameter gradient_parameter();
/// The loss that it asks for.
Tensor loss_by_gradient(const nn::Linear& model, const Tensor& target, Generator& generator, const Params& params);

/// A parameter `sample`: the paper's trials, or as many times `trials_factor` others. A claim that was read off ten or
/// fifteen trials is checked on ones that had no part in it.
Parameter sample_parameter();
bool is_other_sample(const Params& params);
/// The trial with the seed that its sample asks for.
Trial sampled(const Trial& trial);

}  // namespace sigmagrad::experiments::spectral
