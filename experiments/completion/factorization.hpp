// SPDX-License-Identifier: BSD-3-Clause
// What the experiments of paper 002 share: products of square factors, many trials as one model; what they start from,
// what they are shown, how their flow is followed, and what is measured where it ends.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <sigmagrad/lab/model/experiment.hpp>
#include <sigmagrad/linalg/spectrum.hpp>
#include <sigmagrad/nn/losses.hpp>
#include <sigmagrad/nn/module.hpp>
#include <sigmagrad/optim/gradient_flow.hpp>

namespace sigmagrad::experiments::completion {

using namespace lab;

/// Products W_L ... W_1 of square factors, [..., d, d] each: a leading axis is independent trials.
class Factorization : public nn::Module {
 public:
  /// W_1 comes first.
  explicit Factorization(const std::vector<Tensor>& start);

  Tensor product() const;
  const std::vector<Tensor>& factors() const { return factors_; }
  std::int64_t dimension() const { return factors_.front().size(-1); }

 private:
  std::vector<Tensor> factors_;
};

/// Size and scale of a start: `scale` is alpha^depth, the size of the product's entries.
struct Start {
  std::int64_t d = 2;
  std::int64_t depth = 3;
  double scale = 1e-3;

  double alpha() const;
};

/// alpha on the diagonal of every factor, alpha / m beside it (paper 002, equation 7), in each of `trials` trials
/// alike.
std::vector<Tensor> identity_start(std::int64_t trials, const Start& start, double m);

/// Paper: entries of all factors from N(0, alpha^2). Authors: as in their program, one matrix of entries from
/// N(0, alpha^2 / d) that all factors start from. Trials draw from a stream of their own.
enum class Convention { Paper, Authors };
std::vector<Tensor> gaussian_start(std::span<const Trial> trials, const Start& start,
                                   Convention convention = Convention::Paper);

/// u v' with standard normal u and v [d], from another stream of each trial: [T, d, d].
Tensor rank_one_targets(std::span<const Trial> trials, std::int64_t d);
/// Standard normal vectors [T, d] from the same stream.
Tensor target_noise(std::span<const Trial> trials, std::int64_t d);

/// What is known of the matrices: `target` where `observed` is 1, both [T, d, d] or to be repeated for T trials.
/// The loss is made of squared errors there; Reduction::Mean is their sum divided by d^2, MeanObserved by how many.
struct Completion {
  Tensor target, observed;
  Reduction reduction = Reduction::HalfSum;

  /// Of products [T, d, d]: [T].
  Tensor loss(const Tensor& products) const;
  /// Root of the mean squared error where nothing was observed: [T].
  Tensor unobserved_rmse(const Tensor& products) const;
};

/// Gradient flow of the factors on `completion`.
optim::GradientFlow follow_flow(const Factorization& model, const Completion& completion,
                                const optim::GradientFlowOptions& options);

/// The row `entropy`.
Parameter entropy_parameter();
/// The rows `loss`, `entropy`, `tolerance` and `time`, behind an experiment's own.
std::vector<Parameter> with_flow_parameters(std::vector<Parameter> own, double tolerance);
Reduction reduction_of(const Params& params);        // `loss`
linalg::EntropyOf entropy_of(const Params& params);  // `entropy`
/// The row `convention` of experiments that start from `gaussian_start`.
Parameter convention_parameter();
Convention convention_of(const Params& params);
/// Stops at `tolerance`, at `time` or after `max_steps` steps.
optim::GradientFlowOptions flow_options(const Params& params, std::int64_t max_steps);

/// The flow of trials of one group, followed with its parameters, and its end: effective_rank, stable_rank, loss,
/// unobserved_rmse, steps_to_stop, time_to_stop, and converged, which is 0 where a trial ran out of steps.
std::vector<Metrics> run_flow(const Params& params, const Factorization& model, const Completion& completion,
                              std::int64_t max_steps);
/// Adds one value of [T] to each trial's metrics.
void add(std::vector<Metrics>& metrics, const std::string& name, const Tensor& values);

}  // namespace sigmagrad::experiments::completion
