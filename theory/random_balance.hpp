// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/theory/balanced_init.hpp>

// How balanced independent Gaussian weights are: the entries of b = W2' W2 - W1 W1' (paper 004, section 3.1). An entry
// of W1 [n_h, n_i] has variance v1, one of W2 [n_o, n_h] v2.
namespace sigmagrad::theory {

/// LeCun: 1 / fan_in. Glorot: 2 / (fan_in + fan_out). He: 2 / fan_in.
enum class RandomInit { LeCun, Glorot, He };

/// mean: of the diagonal, n_o v2 - n_i v1; off the diagonal it is 0. The variances are 2 v on and v off the diagonal, v
/// = n_o v2^2 + n_i v1^2.
///
/// They fall as the widths grow in fixed proportion, each entry for itself: relative to ||mean I||_F the distance from
/// mean I keeps its size (`relative_distance`), and so does it in spectral norm. Wide random networks are not balanced.
struct BalanceStatistics {
  double mean, diagonal_variance, off_diagonal_variance;
  std::int64_t n_h;

  /// sqrt(E ||b - mean I||_F^2) / ||mean I||_F.
  double relative_distance() const;
};

BalanceStatistics random_balance(const TwoLayerSizes& sizes, double v1, double v2);
BalanceStatistics random_balance(const TwoLayerSizes& sizes, RandomInit scheme);
/// The thesis' "scaled" weights: variances alpha_1^2 / n_i and alpha_2^2 / n_h.
BalanceStatistics scaled_random_balance(const TwoLayerSizes& sizes, double alpha_1, double alpha_2);

}  // namespace sigmagrad::theory
