// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include <sigmagrad/autograd/tensor/tensor.hpp>

// Matrices of n x n blocks of size s that do not tell blocks apart: M(a, b, c) has a on the diagonal, b beside it
// within the n diagonal blocks, and c in the other blocks. They commute, and sums, products and transposes are again of
// this form (paper 002, Lemmas D.1 and D.2).
namespace sigmagrad::theory {

struct BlockParameters {
  double a, b, c;
};

/// M(a, b, c): [n s, n s]. M(1, 1, 0) is the mask of block-diagonal observations.
Tensor block_matrix(std::int64_t n, std::int64_t s, const BlockParameters& p);

/// Eigenvalues of M(a, b, c): `first` once, `second` n - 1 times, `third` n (s - 1) times.
struct BlockEigenvalues {
  double first, second, third;
};
/// a + (s - 1) b + s (n - 1) c, a + (s - 1) b - s c, a - b (paper 002, Lemma D.5).
BlockEigenvalues block_eigenvalues(std::int64_t n, std::int64_t s, const BlockParameters& p);

/// The start of every factor, between ones (m = 1) and the identity (m infinite): alpha on the diagonal, alpha / m
/// beside it (paper 002, equation 7). [d, d]
Tensor completion_start(std::int64_t d, double alpha, double m);

}  // namespace sigmagrad::theory
