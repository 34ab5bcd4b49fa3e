// SPDX-License-Identifier: BSD-3-Clause
// What the experiments of papers 000 and 001 share: targets, starts, batches, the training loop, the errors they
// report.
#pragma once

#include <functional>

#include <sigmagrad/lab/model/experiment.hpp>
#include <sigmagrad/linalg/components.hpp>
#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::spectral {

using namespace lab;

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
/// updates and the gradient there, k = 0, ..., updates - 1.
void train(optim::Optimizer& optimizer, std::int64_t updates, const std::function<Tensor()>& loss,
           const std::function<void(std::int64_t)>& look = {});

/// The relative errors of the eight components, in the order of every table.
inline const Quantity row_norm_error{.name = "row_norm_error", .label = "row norm error"};
inline const Quantity col_norm_error{.name = "col_norm_error", .label = "column norm error"};
inline const Quantity singular_value_error{.name = "singular_value_error", .label = "singular value error"};
inline const Quantity cond_error{.name = "cond_error", .label = "condition number error"};
inline const Quantity rank_error{.name = "rank_error", .label = "rank error"};
inline const Quantity gap_error{.name = "gap_error", .label = "spectral gap error"};
inline const Quantity fro_error{.name = "fro_error", .label = "Frobenius norm error"};
inline const Quantity overall_error{.name = "overall_error", .label = "overall error"};
/// All of them by short names, which fit side by side (sv: singular values).
inline const std::vector<Quantity> all_errors = {
    {.name = row_norm_error.name, .label = "rows"},     {.name = col_norm_error.name, .label = "cols"},
    {.name = singular_value_error.name, .label = "sv"}, {.name = cond_error.name, .label = "cond"},
    {.name = rank_error.name, .label = "rank"},         {.name = gap_error.name, .label = "gap"},
    {.name = fro_error.name, .label = "Frob."},         {.name = overall_error.name, .label = "overall"}};
/// Those of norms: of rows, of columns, of the matrix; and of its singular values.
inline const std::vector<Quantity> norm_errors = {row_norm_error, col_norm_error, singular_value_error, fro_error};
/// The condition for each of these errors.
template <class F>
Condition of_each(const std::vector<Quantity>& errors, const F& condition) {
  Condition all = condition(errors.front());
  for (std::size_t i = 1; i < errors.size(); ++i) all = all && condition(errors[i]);
  return all;
}
/// Means over medians of all of them, a bar each.
inline Plot error_bars() { return components(all_errors).means().log_y().y_label("relative error"); }
void record_errors(Trial& trial, const RelativeErrors& errors);

/// Those errors as points of curves, named as the quantities are.
void record_errors_at(Trial& trial, std::int64_t step, const RelativeErrors& errors);
inline Curve over_steps(const Quantity& error) { return {.name = error.name, .label = error.label, .over = "step"}; }

// Parameters at the papers' values.
inline const Int d{.name = "d", .help = "matrix size", .label = "dimension d", .quick = {64}, .minimum = 2};
inline const Real lr{
    .name = "lr", .help = "learning rate of SGD", .label = "learning rate", .quick = {0.01}, .minimum = 0};
inline const Int steps{.name = "steps", .help = "steps, each on a fresh batch of 64", .quick = {200}, .minimum = 1};
inline const Real noise{
    .name = "noise", .help = "standard deviation of the labels' noise", .quick = {label_noise}, .minimum = 0};
inline const Text gradient_of{.name = "gradient",
                              .help = "of a fresh batch, or of the whole population (W - T)",
                              .quick = {"batch", "population"}};
/// The loss whose gradient `gradient_of` asks for.
Tensor loss_by_gradient(const nn::Linear& model, const Tensor& target, Generator& generator, const Trial& trial);

}  // namespace sigmagrad::experiments::spectral
