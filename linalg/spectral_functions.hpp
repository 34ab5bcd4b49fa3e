// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

// U diag(f(s)) V' for matrices w = U diag(s) V' [..., m, n]. Their derivatives, to the second order, divide no
// differences that could cancel: they are exact at equal singular values as elsewhere, wherever the function itself has
// them. A third derivative is an Error.
namespace sigmagrad::linalg {

/// Singular values reduced by tau >= 0 and cut off at zero: the x that minimises ||x - w||_F^2 / 2 + tau ||x||_nuclear.
/// Differentiable where no singular value equals tau; one that does counts as below it.
Tensor prox_nuclear(const Tensor& w, Scalar tau);

/// The k largest singular values with their vectors: the closest matrix of rank k (Eckart and Young 1936); w itself for
/// k >= min(m, n). Differentiable where s_k > s_{k+1}; at that tie the vectors that LAPACK gives are kept, and terms
/// divided by the gap count as 0.
Tensor low_rank_approximation(const Tensor& w, std::int64_t k);

/// U V', of w = U diag(s) V': the closest matrix with orthonormal rows or columns (Higham 1986). Singular values up to
/// max(m, n) s_1 times the machine epsilon become zero, and so do all of a matrix of zeros; the gradient is that at
/// constant rank.
Tensor polar_factor(const Tensor& w);

/// The Moore-Penrose inverse [..., n, m], where singular values up to rcond * s_1 count as zero; without rcond,
/// max(m, n) times the machine epsilon of the dtype. That of zeros is zeros. The gradient is that at constant rank.
Tensor pinv(const Tensor& w);
Tensor pinv(const Tensor& w, double rcond);

}  // namespace sigmagrad::linalg
