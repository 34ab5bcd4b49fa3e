// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/autograd/tensor/tensor.hpp>

// Initial weights of a linear network x -> W2 W1 x with W2' W2 - W1 W1' = lambda I, lambda = 0 included.
namespace sigmagrad::theory {

struct TwoLayerSizes {
  std::int64_t n_i, n_h, n_o;
};

/// W1 [..., n_h, n_i] and W2 [..., n_o, n_h].
struct TwoLayerWeights {
  Tensor W1, W2;
};

struct LambdaBalancedOptions {
  /// Standard deviation of the Gaussian entries of the two matrices whose product W2 W1 is made balanced.
  double sigma = 1.0;
  /// Where defined, [n_o, n_i]: the product keeps its singular values and takes the singular vectors of this target.
  Tensor aligned_to{};
};

/// Balanced weights with a random product (paper 004, section 3.4; aligned, algorithm 2) and a random orthogonal basis
/// of the hidden layer. They exist if and only if lambda = 0, or lambda > 0 and n_h <= n_o, or lambda < 0 and n_h <=
/// n_i; otherwise, and for sizes < 1, lambda that is not finite and sigma <= 0: Error.
TwoLayerWeights lambda_balanced(double lambda, const TwoLayerSizes& sizes, const LambdaBalancedOptions& options = {},
                                Generator& generator = default_generator());

/// Balanced weights with W2 W1 = product [..., n_o, n_i], of whose singular values the n_h largest are kept; each has
/// its own random orthogonal basis of the hidden layer. Errors as above.
TwoLayerWeights balanced_factors(const Tensor& product, std::int64_t n_h, double lambda,
                                 Generator& generator = default_generator());

/// Orthogonal matrices [..., n, n], uniformly distributed, for batch axes `batch`.
Tensor random_orthogonal(const Shape& batch, std::int64_t n, Generator& generator = default_generator());

/// Inputs X [P, n] turned into the nearest ones, up to scale, with X'X / P = I. Rank below n is an Error.
Tensor whiten(const Tensor& X);

}  // namespace sigmagrad::theory
