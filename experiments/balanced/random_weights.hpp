// SPDX-License-Identifier: BSD-3-Clause
// Two layers of random weights, drawn as libraries do.
#pragma once

#include <string>
#include <vector>

#include <sigmagrad/experiments/balanced/two_layer.hpp>

namespace sigmagrad::experiments::balanced {

/// Weights by "lecun", "glorot" or "he", and "scaled" ones of variances alpha_1^2 / n_i and alpha_2^2 / n_h.
struct RandomScheme {
  std::string name;
  double alpha_1 = 1.0, alpha_2 = 2.0;
};
theory::TwoLayerWeights draw_weights(const RandomScheme& scheme, const theory::TwoLayerSizes& n, Generator& generator);
/// The moments of W2'W2 - W1W1' (corrected theorem 3.1.1).
theory::BalanceStatistics exact_balance(const RandomScheme& scheme, const theory::TwoLayerSizes& n);
/// How many standard errors the mean of such lambdas = tr(b) / n_h is from `value`.
double standard_errors(const std::vector<double>& lambdas, double value, const theory::BalanceStatistics& exact);

}  // namespace sigmagrad::experiments::balanced
