// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad::linalg {

/// w = U diag(S) Vt: [..., m, n] -> [..., m, k], [..., k], [..., k, n] with k = min(m, n), S descending.
struct SVD {
  Tensor U, S, Vt;
};

/// Thin singular value decomposition. The gradient through U and Vt is defined where the singular values are distinct
/// and, for a function of U and Vt that does not depend on the choice of signs, exact there, whatever the scale of w.
/// At a tie the vectors are one of many orthonormal bases, and a term that would divide by a gap, or by a singular
/// value, of exactly zero counts as 0. The gradient through S is that of `svdvals`. Non-finite entries are an Error.
SVD svd(const Tensor& w);

/// Singular values, descending: [..., m, n] -> [..., k]. The gradient is U diag(g) Vt, which needs no gaps. At a tie
/// where g differs, and at a singular value of 0, the values have kinks, and the gradient is that for the vectors which
/// LAPACK gives: for the nuclear norm, a subgradient. A second derivative divides differences of g by gaps, and is
/// exact except where g depends on values that are equal; terms that would divide by exactly zero count as 0.
/// Non-finite entries are an Error.
Tensor svdvals(const Tensor& w);

}  // namespace sigmagrad::linalg
