// SPDX-License-Identifier: BSD-3-Clause
// Gradient descent on one task, watched: losses, steps to convergence, and how much of each mode is learned.
#pragma once

#include <sigmagrad/experiments/balanced/comparison.hpp>
#include <sigmagrad/experiments/balanced/two_layer.hpp>

namespace sigmagrad::experiments::balanced {

/// The distinct singular values of a task, largest first, and for each the share of it that a product has learned.
class Modes {
 public:
  explicit Modes(const Tensor& Sigma);
  const std::vector<double>& values() const { return values_; }
  std::vector<double> learned(const Tensor& product) const;

 private:
  Tensor U_, Vt_;
  std::vector<double> values_;
  std::vector<std::size_t> place_;
};

// What a course records.
inline const CurvePair course_loss = curve_pair("loss", "loss");
inline const Quantity steps_to_stop{.name = "steps_to_stop", .label = "steps to a loss below the tolerance"};
/// On the way from ten times the tolerance to the tolerance.
inline const Quantity decay_rate{.name = "decay_rate", .label = "rate at which the loss falls", .unit = "/ \u03c4"};
/// Largest distance of the loss from a straight line, both in logarithms, between start and tolerance.
inline const Quantity bend{.name = "bend", .label = "bend of the log loss / its fall"};
/// The share of mode k = 1, 2, ... that is learned, and when it is a half.
Curve mode_share(std::size_t k);
Quantity half_time(std::size_t k);

// At the end, with the norms of the representations.
inline const Quantity product_error{.name = "product_error", .label = "||W2W1 - \u03a3|| / ||\u03a3||"};
inline const Quantity input_score{.name = "input_score", .label = "task-specific score of the input"};
inline const Quantity output_score{.name = "output_score", .label = "task-specific score of the output"};
inline const Quantity input_identity{.name = "input_identity", .label = "cosine of W1'W1 and I"};
inline const Quantity output_identity{.name = "output_identity", .label = "cosine of W2W2' and I"};

/// The training of some trials that share their task.
class Course {
 public:
  Course(std::span<Trial> trials, const TwoLayer& model, const Task& task, double lr, double tolerance);

  /// Trains. The curves have a point at the start and at some 60 steps in equal ratios.
  void run(std::int64_t steps);
  /// The exact loss of a balanced start at the times of the curves.
  void record_exact(const theory::TwoLayerWeights& start) const;
  /// What the network represents now.
  void record_representations() const;

 private:
  /// The first steps at which a trial's loss was so small, and its modes half learned; -1 and empty before.
  struct Milestones {
    std::int64_t below_ten = -1;  // ten times the tolerance
    std::int64_t below = -1;
    std::vector<Crossing> half = {};
    std::vector<double> times = {}, logs = {};  // of the losses at the marks up to there
  };
  void pass(Milestones& milestones, std::int64_t step, double loss) const;
  void record_curves(std::int64_t step);
  void record(const Milestones& milestones, Trial& trial) const;

  std::span<Trial> trials_;
  TwoLayer model_;
  Tensor Sigma_;  // of all trials
  Descent<TwoLayer> descent_;
  Modes modes_;
  double lr_, tolerance_;
  std::vector<Milestones> milestones_;
  std::vector<double> times_;
};

}  // namespace sigmagrad::experiments::balanced
