// SPDX-License-Identifier: BSD-3-Clause
// What paper 002 is about: products of square factors, many trials as one model; what they start from, what they are
// shown, how their flow is followed.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <sigmagrad/lab/model/experiment.hpp>
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

/// Size and scale of the factors at the start: `scale` is alpha^depth, the size of the product's entries.
struct StartSize {
  std::int64_t d = 2;
  std::int64_t depth = 3;
  double scale = 1e-3;

  double alpha() const;
};

/// alpha on the diagonal of every factor, alpha / m beside it (paper 002, equation 7), in each of `trials` trials
/// alike.
std::vector<Tensor> identity_start(std::int64_t trials, const StartSize& size, double m);

/// Paper: entries of all factors from N(0, alpha^2). Authors: as in their program, one matrix of entries from
/// N(0, alpha^2 / d) that all factors start from. Trials draw from a stream of their own.
enum class Convention { Paper, Authors };
std::vector<Tensor> gaussian_start(std::span<const Trial> trials, const StartSize& size,
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

}  // namespace sigmagrad::experiments::completion
