// SPDX-License-Identifier: BSD-3-Clause
// What the checks of paper 002's statements share: random numbers and matrices, and flows that are looked at on the
// way.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include <sigmagrad/experiments/completion/factorization.hpp>
#include <sigmagrad/experiments/completion/theorem_statements.hpp>

namespace sigmagrad::experiments::completion {

/// The largest value met of each quantity, over several times; NaN, which fails the trial, once that was met.
class Largest {
 public:
  void see(const Quantity& quantity, double value);
  double of(const Quantity& quantity) const;
  void record(Trial& t) const;

 private:
  std::vector<std::pair<Quantity, double>> values_;
};

double uniform(Generator& generator, double low, double high);
double log_uniform(Generator& generator, double low, double high);
/// low <= i <= high.
std::int64_t integer(Generator& generator, std::int64_t low, std::int64_t high);
/// Orthogonal, by the QR decomposition of a Gaussian matrix.
Tensor orthogonal(std::int64_t d, Generator& generator);

double entry(const Tensor& matrix, std::int64_t i, std::int64_t j);
double largest_entry(const Tensor& x);  // in size
/// ||x - y|| / ||y|| by the largest entries.
double relative_error(const Tensor& x, const Tensor& y);

/// Follows one model's flow and looks at it at `times`, ascending, and at the end.
optim::GradientFlow watch(const Factorization& model, const Completion& task, optim::GradientFlowOptions options,
                          const std::vector<double>& times, const std::function<void(double time)>& look);
/// w c^(j - i) for j >= i, in the upper triangle: the matrix of rank one of section 4.3.
Completion upper_triangle(std::int64_t d, double w, double c);

bool has_fitted(const optim::GradientFlow& flow);

}  // namespace sigmagrad::experiments::completion
