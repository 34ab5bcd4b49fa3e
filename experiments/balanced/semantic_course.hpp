// SPDX-License-Identifier: BSD-3-Clause
// Gradient descent on the semantic task, watched: losses, steps to convergence, and how much of each mode is learned.
#pragma once

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

/// The first steps at which something was so, -1 where it never was.
struct Course {
  std::int64_t steps_to_stop = -1;  // loss below the tolerance
  std::int64_t before = -1;         // below ten times that
  std::vector<double> half;         // each distinct mode half learned, between two marks on a straight line
  std::vector<double> learned;      // of each at the last mark
};

class Watch {
 public:
  Watch(const TwoLayer& model, const Task& task, double lr, double tolerance);
  Watch(const Watch&) = delete;

  /// Trains, and records loss@time and mode_k@time at some 60 steps in equal ratios.
  void run(std::int64_t steps);

  const std::vector<double>& times() const { return times_; }
  std::vector<Metrics>& metrics() { return metrics_; }
  const std::vector<Course>& courses() const { return courses_; }

 private:
  void pass(std::size_t b, std::int64_t step, double loss);
  void record();
  void pass_half(Course& course, const std::vector<double>& learned) const;

  TwoLayer model_;
  Descent descent_;
  Modes modes_;
  double lr_, tolerance_;
  std::vector<Course> courses_;
  std::vector<double> times_;
  std::vector<Metrics> metrics_;
};

}  // namespace sigmagrad::experiments::balanced
