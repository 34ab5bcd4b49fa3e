// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad {
class Generator;
}

// Linear systems. Square ones by LU factorisation with partial pivoting. Non-finite entries are an Error everywhere. A
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

/// The determinant of each square matrix: [..., n, n] -> [...], 0 where a pivot is exactly zero; 1 of a matrix without
/// entries. It and its gradient, the matrix of cofactors, leave the range only where their own values do. The gradient
/// is right for singular matrices too, and so is the second derivative: they are products of singular values. A third
/// derivative is an Error.
Tensor det(const Tensor& A);

/// The X of least Frobenius norm among those that minimise ||A X - B||_F: A [..., m, n], B [..., m, k] or a vector a
/// system, as for `solve`; the result is [..., n, k] or [..., n]. Singular values of A up to rcond times the largest
/// count as zero; without rcond, max(m, n) times the machine epsilon of the dtype. Gradients of every order are those
/// at constant rank.
Tensor lstsq(const Tensor& A, const Tensor& B);
Tensor lstsq(const Tensor& A, const Tensor& B, double rcond);

/// A lower bound of cond(w) without a singular value decomposition: `steps` of power iteration on w'w for the largest
/// singular value and of inverse iteration, through one LU factorisation, for the smallest; w that is not square is
/// first reduced by QR. Each step shrinks the error of the former by (s2/s1)^4 and of the latter by (s_n/s_{n-1})^4.
/// [..., m, n] -> [...]; infinite for a singular matrix, no gradient.
Tensor cond_estimate(const Tensor& w, int steps = 10);

/// ||w x|| ||w^-1 x|| / ||x||^2 for one normal x from the generator, by a product and a solve: [..., m, n] -> [...]. It
/// never exceeds cond(w), and is of the size of the means over all x, ||w||_F ||w^-1||_F / n: up to n times too small,
/// and below 1 for some x. w that is not square is first reduced by QR. Infinite for a singular matrix, NaN for zeros;
/// no gradient.
Tensor random_cond_estimate(const Tensor& w, Generator& generator);
Tensor random_cond_estimate(const Tensor& w);

/// The size of the least relative change of A and b for which x is exact, ||b - A x|| / (||A||_2 ||x|| + ||b||) (Rigal
/// and Gaches 1967): A [..., m, n] with vectors x [..., n] and b [..., m] -> [...]. Matrices X [..., n, k] and
/// B [..., m, k] hold a system a column: -> [..., k]. The residual is computed in the dtype, up to rounding of some
/// epsilon. 0 where all is zero.
Tensor backward_error(const Tensor& A, const Tensor& x, const Tensor& b);

/// ||x - exact|| / ||exact|| of vectors [..., n] -> [...].
Tensor forward_error(const Tensor& x, const Tensor& exact);

}  // namespace sigmagrad::linalg
