// SPDX-License-Identifier: BSD-3-Clause
// What the experiments of paper 001 share: targets, starts, batches, and the errors they report.
#pragma once

#include <sigmagrad/experiments/harness/results.hpp>
#include <sigmagrad/linalg/components.hpp>
#include <sigmagrad/sigmagrad.hpp>
#include <string>

namespace sigmagrad::experiments::spectral {

inline constexpr std::int64_t batch = 64;
inline constexpr double noise = 0.01;

/// diag(exp(0.5 z)) Z sqrt(2/d), Z drawn before z: rows of unequal length (paper 001, section 3.2; 0.25 is the
/// variance).
Tensor heterogeneous_target(std::int64_t d, Generator& generator);

/// scale sqrt(2/d) randn(d, d).
Tensor gaussian_layer(std::int64_t d, double scale, Generator& generator);

/// A fresh batch, inputs before label noise.
struct Batch {
  Tensor x, y;  // [batch, d]
};
template <class Teacher>
Batch draw_batch(std::int64_t d, Generator& generator, const Teacher& teacher) {
  const NoGrad guard;
  const auto x = randn({batch, d}, generator);
  return {x, teacher(x) + noise * randn({batch, d}, generator)};
}

/// 1/2 mean_b ||prediction - y||^2.
Tensor regression_loss(const Tensor& prediction, const Tensor& y);

/// The errors under the names of every table: row_norm_error, ..., overall_error.
Metrics error_metrics(const RelativeErrors& errors);

/// `0.27 +- 0.31`
std::string mean_and_std(const Statistics& statistics);

}  // namespace sigmagrad::experiments::spectral
