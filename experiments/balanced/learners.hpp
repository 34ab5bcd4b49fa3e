// SPDX-License-Identifier: BSD-3-Clause
// Networks that learn one task after the other, beside the exact solution.
#pragma once

#include <span>
#include <vector>

#include <sigmagrad/experiments/balanced/comparison.hpp>
#include <sigmagrad/experiments/balanced/two_layer.hpp>

namespace sigmagrad::experiments::balanced {

// The largest over tasks and times.
inline const Quantity product_deviation{
    .name = "product_deviation", .label = "deviation of the product", .unit = "of the largest"};
inline const Quantity losses_deviation{.name = "loss_deviation", .label = "relative deviation of the losses"};
inline const Quantity rate_deviation{
    .name = "rate_deviation", .label = "deviation of the rate", .unit = "of the largest"};
inline const Quantity printed_rate_deviation{
    .name = "printed_rate_deviation", .label = "deviation of equation 4.36", .unit = "of the largest rate"};
/// The growth of the loss of earlier tasks by the training on a task, to its end: against what the targets alone say,
/// and its mean.
inline const Quantity forgetting_deviation{
    .name = "forgetting_deviation", .label = "deviation of the forgetting", .unit = "of the largest"};
inline const Quantity forgotten{.name = "forgotten", .label = "mean forgetting"};
/// What is measured of the losses of earlier tasks.
inline const Quantity peak_rate{.name = "peak_rate", .label = "largest rate of loss", .unit = "/ \u03c4"};
inline const Quantity end_rate{.name = "end_rate", .label = "rate of loss at the end", .unit = "of the largest"};
// At the end of the last task.
inline const Quantity balance_drift{.name = "balance_drift", .label = "relative change of \u03bb"};

/// Curves of the first trial along the training on all tasks: a task's loss and its rate; tasks count from 1.
CurvePair loss_of(std::size_t task);
CurvePair rate_of(std::size_t task);
/// The time in the training on a task at which the exact mean loss of the tasks met so far is least, and that loss
/// against the end's.
Quantity stopping_time(std::size_t task);
Quantity stopped_loss_ratio(std::size_t task);

/// A batch of networks. The exact solution starts a task where its own weights ended the last one.
class Learners {
 public:
  Learners(std::span<Trial> trials, const TaskSequence& sequence, double lr);

  /// Trains on task `trained` = 0, 1, ... with so many steps.
  void train(std::size_t trained, std::int64_t steps);
  /// `lambda` is that of the start.
  void record(double lambda);

 private:
  struct Exact;
  Exact solve(std::size_t trained, const std::vector<double>& times) const;
  void look_at_product(std::size_t m, const Exact& exact, const Tensor& product);
  void look_at_task(std::size_t i, std::size_t m, const Exact& exact, const Tensor& before, const Tensor& after,
                    double time);
  void look_at_rate(std::size_t i, const Tensor& before, const Tensor& after, bool ends);
  void record_forgetting(std::size_t b);
  void look_at_forgetting(std::size_t trained, const Tensor& start, const Tensor& end);
  void record_stopping(const Exact& exact, std::size_t trained, const std::vector<double>& times);

  std::span<Trial> trials_;
  const std::vector<Task>& tasks_;
  double lr_;
  theory::TwoLayerWeights start_;  // the exact solution's
  TwoLayer model_;
  double elapsed_ = 0;
  std::vector<Comparison> comparisons_;
  std::vector<std::vector<double>> forgotten_;  // of each trial, of every pair of an earlier task and a later one
};

}  // namespace sigmagrad::experiments::balanced
