// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

// Square linear systems, by LU factorisation with partial pivoting. Non-finite entries are an Error everywhere. A
// matrix counts as singular where a pivot is exactly zero. One that is singular but for rounding has a tiny pivot
// instead, and a solution or an inverse of which no digit need be right: cond_estimate tells.
namespace sigmagrad::linalg {

/// X with A X = B: A [..., n, n], B [..., n, k] or a vector a system: B [n], or B [..., n] with exactly the batch axes
/// of A. Batch axes broadcast. A pivot of exactly zero is an Error.
Tensor solve(const Tensor& A, const Tensor& B);

/// The inverse: [..., n, n] -> [..., n, n]. A pivot of exactly zero is an Error.
Tensor inv(const Tensor& A);

/// sign is -1, 0 or 1 and has no gradient; logabsdet is log |det A|, -infinity where A is singular. Its gradient is
/// A^-T, and an Error where A is singular. A matrix without entries has 1 and 0. Both [...].
struct SlogDet {
  Tensor sign, logabsdet;
};
SlogDet slogdet(const Tensor& A);

/// A lower bound of cond(w) without a singular value decomposition: `steps` of power iteration on w'w for the largest
/// singular value and of inverse iteration, through one LU factorisation, for the smallest; w that is not square is
/// first reduced by QR. Each step shrinks the error of the former by (s2/s1)^4 and of the latter by (s_n/s_{n-1})^4.
/// [..., m, n] -> [...]; infinite for a singular matrix, no gradient.
Tensor cond_estimate(const Tensor& w, int steps = 10);

}  // namespace sigmagrad::linalg
