// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::theory {

inline Tensor product_of(const std::vector<Tensor>& factors) {
  Tensor result = factors.front();
  for (std::size_t l = 1; l < factors.size(); ++l) result = matmul(factors[l], result);
  return result;
}

/// Gradient flow of {W_1, ..., W_L}, in place, for half the sum of squared errors of W_L ... W_1 at the observed
/// entries.
inline optim::GradientFlow follow(const std::vector<Tensor>& factors, const Tensor& target, const Tensor& observed,
                                  optim::GradientFlowOptions options) {
  for (auto factor : factors) factor.requires_grad_();
  options.max_step = [&] { return optim::factorization_max_step(factors); };
  return optim::gradient_flow(
      [&] { return masked_mse_loss(product_of(factors), target, observed, Reduction::HalfSum); }, factors, options);
}

}  // namespace sigmagrad::theory
