// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/nn/module.hpp>

// What theory bounds the test error of a classifier by, of layers with 1-Lipschitz functions between them: in the order
// of its parameters, matrices and biases, the latter being left out. Numbers without the constants and logarithms that
// the theorems have besides: for comparison, not for a guarantee. Differentiable; of stacked models one number each.
namespace sigmagrad::nn {

struct MarginOptions {
  double input = 1.0;        // the largest Euclidean length of an input
  double margin = 1.0;       // gamma, in units of logits
  std::int64_t samples = 1;  // in the training set
  double delta = 0.05;       // with which probability the bound may fail, for pac_bayes_bound
};

/// prod s1(W) * (sum (||W'||_{2,1} / s1(W))^(2/3))^(3/2) over the matrices W [out, in]: the spectral complexity of
/// Bartlett, Foster and Telgarsky 2017 (equation 1.2 with reference matrices 0 and Lipschitz constants 1).
Tensor spectral_complexity(const Module& model);

/// spectral_complexity * input / (margin sqrt(samples)) (Bartlett, Foster and Telgarsky 2017, theorem 1.1).
Tensor margin_bound(const Module& model, const MarginOptions& options);

/// sqrt((input^2 d^2 h log(d h) prod s1(W)^2 * sum (||W||_F / s1(W))^2 + log(d samples / delta)) / (margin^2 samples))
/// for d matrices with at most h rows or columns, the sum being that of their stable ranks (Neyshabur, Bhojanapalli and
/// Srebro 2018, theorem 1).
Tensor pac_bayes_bound(const Module& model, const MarginOptions& options);

}  // namespace sigmagrad::nn
