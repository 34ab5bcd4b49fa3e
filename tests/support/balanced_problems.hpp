// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>

#include <sigmagrad/autograd/tensor/tensor.hpp>

// Balanced linear networks with random weights and targets.
namespace sigmagrad::testing {

struct BalancedProblem {
  double lambda, scale;
  Tensor W1, W2, Sigma;

  std::string describe() const;
};

/// Sizes n_i, n_h, n_o; a target of standard normal entries; weights whose product is that of two matrices with entries
/// of standard deviation `scale`.
BalancedProblem balanced_problem(std::int64_t n_i, std::int64_t n_h, std::int64_t n_o, double lambda,
                                 std::uint64_t seed, double scale = 1.0);
/// Sizes up to 5, |lambda| from 1e-3 to 30 or 0, scales from .05 to 2, whichever exist.
BalancedProblem random_balanced_problem(std::uint64_t seed);

/// ||a - b||_F / ||b||_F; a may have an axis of size 1 more.
double relative_distance(const Tensor& a, const Tensor& b);

/// The largest of the relative distances of Q Q' between the exact solution and gradient flow integrated to rtol 1e-10,
/// at three times until most of the target is learned, and of what happens to lambda on the way.
double distance_from_gradient_flow(const BalancedProblem& problem);

}  // namespace sigmagrad::testing
