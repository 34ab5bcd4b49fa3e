// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/autograd/tensor/tensor.hpp>

// Initial weights of a linear network x -> W_L ... W_1 x each of whose pairs of neighbours is balanced with a lambda of
// its own: W_{l+1}' W_{l+1} - W_l W_l' = lambda_l I, l = 1, ..., L - 1. Gradient flow keeps all of them (Arora, Cohen
// and Hazan 2018, theorem 1, for lambda = 0). Two layers are `balanced_factors`.
//
//   const auto W = theory::deep_balanced({5.0, 0.0}, {3, 4, 4, 6});  // W[0] [4, 3], W[1] [4, 4], W[2] [6, 4]
namespace sigmagrad::theory {

struct DeepBalancedOptions {
  /// Standard deviation of the Gaussian entries of the L matrices whose product is made balanced.
  double sigma = 1.0;
};

/// Weights W_l [n_l, n_{l-1}] for sizes n_0, ..., n_L and L - 1 lambdas, with a random product and random orthogonal
/// bases of the hidden layers.
///
/// With m the smallest size, m modes run through all layers. What a hidden layer has beyond that takes |lambda| from
/// one side alone: towards the output from layer s on, with the squared strengths lambda_s, lambda_s + lambda_{s+1},
/// ..., or towards the input up to layer e, with -lambda_e, -lambda_e - lambda_{e-1}, ... All of these must be >= 0, so
/// that sizes may fall as far as the smallest one and rise behind it, with lambdas of those signs; a hidden unit that
/// has no such way is left out of both neighbours, which asks for lambda = 0 there. Otherwise such weights do not
/// exist, if no sum of neighbouring lambdas is 0 by chance: Error, and so for sizes < 1, another number of lambdas,
/// what is not finite and sigma <= 0.
std::vector<Tensor> deep_balanced(const std::vector<double>& lambdas, const std::vector<std::int64_t>& sizes,
                                  const DeepBalancedOptions& options = {}, Generator& generator = default_generator());

/// Weights with the product [n_L, n_0], f64, of whose singular values the m largest are kept, and hidden layers of
/// these sizes. Errors as above.
std::vector<Tensor> deep_balanced_factors(const Tensor& product, const std::vector<std::int64_t>& hidden,
                                          const std::vector<double>& lambdas,
                                          Generator& generator = default_generator());

}  // namespace sigmagrad::theory
