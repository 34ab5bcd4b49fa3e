// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor.hpp>

namespace sigmagrad::linalg {

/// w = U diag(S) Vt: [..., m, n] -> [..., m, k], [..., k], [..., k, n] with k = min(m, n), S descending.
struct SVD {
  Tensor U, S, Vt;
};

/// Thin singular value decomposition. The gradient through U and Vt is defined where the singular values are distinct
/// and, for a function of U and Vt that does not depend on the choice of signs, exact there; terms that would divide by
/// a gap, or by a singular value, of exactly zero are left out. Non-finite entries are an Error.
SVD svd(const Tensor& w);

/// Singular values, descending: [..., m, n] -> [..., k]. The gradient is U diag(g) Vt, which needs no gaps. A second
/// derivative divides differences of g by gaps, and is exact but where g depends on values that are equal.
Tensor svdvals(const Tensor& w);

}  // namespace sigmagrad::linalg
