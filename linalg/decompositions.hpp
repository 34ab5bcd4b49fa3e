// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

// Factorisations other than the singular value decomposition. Non-finite entries are an Error everywhere.
namespace sigmagrad::linalg {

/// a = V diag(eigenvalues) V', eigenvalues ascending [..., n], eigenvectors V in columns [..., n, n].
struct Eigh {
  Tensor eigenvalues, eigenvectors;
};

/// Eigendecomposition of the symmetric part (a + a')/2 of each square matrix, whatever else a holds; gradients are
/// symmetric. The gradient of the eigenvalues is V diag(g) V', which needs no gaps, and its own derivative divides
/// differences of g by gaps. The gradient through the eigenvectors is defined where the eigenvalues are distinct, for
/// functions that do not depend on the choice of signs. At a tie the eigenvectors are one of many orthonormal bases,
/// and a term that would divide by a gap of exactly zero counts as 0, in every derivative.
Eigh eigh(const Tensor& a);

/// Eigenvalues of square matrices as pairs (real, imaginary): [..., n, n] -> [..., n, 2], ascending by real part, the
/// positive imaginary part of a conjugate pair first. Equal real parts are in descending order of the imaginary ones.
/// Values only: no gradient flows.
Tensor eigvals(const Tensor& a);

/// a V = V diag(eigenvalues) over the complex numbers, as pairs (real, imaginary) in the order of `eigvals`:
/// eigenvalues [..., n, 2], right eigenvectors V in columns [..., n, n, 2], each of length 1 and with a real entry of
/// largest size.
struct Eig {
  Tensor eigenvalues, eigenvectors;
};

/// Eigendecomposition of square matrices. A symmetric one has the orthonormal eigenvectors of `eigh`; of others V may
/// be singular, or be so up to rounding, where the matrix has too few eigenvectors. Values only: no gradient flows.
Eig eig(const Tensor& a);

/// The condition number s1 / sn of the matrix of those eigenvectors, 1 for symmetric ones: [..., n, n] -> [...]. An
/// eigenvalue of a + e is within this times ||e||_2 of one of a (Bauer and Fike 1960). Up to a factor of sqrt(n) no
/// other lengths of the columns give less (van der Sluis 1969). Infinite or huge for a matrix with too few
/// eigenvectors; no gradient.
Tensor eigenvector_cond(const Tensor& a);

/// The lower triangular L with positive diagonal and L L' = a, for the symmetric part of a positive definite matrix:
/// zeros above the diagonal, symmetric gradients (Murray 2016, "Differentiation of the Cholesky decomposition").
/// A matrix that is not positive definite is an Error. So is the gradient where the matrix is singular up to rounding:
/// where a diagonal entry of L is at most sqrt(n epsilon) times the largest entry of its row.
Tensor cholesky(const Tensor& a);

/// w = Q R with orthonormal columns Q [..., m, k] and upper triangular R [..., k, n], k = min(m, n). Signs are
/// LAPACK's: the diagonal of R may be negative. It is 0, or of the size of rounding, at a column that depends on those
/// before it.
struct QR {
  Tensor Q, R;
};

/// Reduced QR decomposition by Householder reflections. The gradient needs the first k columns of w to be independent
/// (Walter and Lehmann 2018, "Algorithmic differentiation of linear algebra functions"). It is an Error where they are
/// not, up to rounding: where a diagonal entry of R is at most m epsilon times the largest entry of its column of R.
/// Columns of very different sizes are no such case.
QR qr(const Tensor& w);

/// a = P L U with a permutation matrix P [..., m, m], L [..., m, k] with ones on its diagonal and zeros above, and
/// upper triangular U [..., k, n], k = min(m, n).
struct LU {
  Tensor P, L, U;
};

/// LU decomposition with partial pivoting: no entry of L is larger than 1. P has no gradient; those through L and U
/// need the first k columns of P' a to have a leading block that is not singular, and are an Error where a pivot there
/// is exactly zero. A matrix with such pivots has a decomposition all the same, with zeros on the diagonal of U.
LU lu(const Tensor& a);

}  // namespace sigmagrad::linalg
