// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor.hpp>

// Factorisations other than the singular value decomposition. Non-finite entries are an Error everywhere.
namespace sigmagrad::linalg {

/// a = V diag(eigenvalues) V', eigenvalues ascending [..., n], eigenvectors V in columns [..., n, n].
struct Eigh {
  Tensor eigenvalues, eigenvectors;
};

/// Eigendecomposition of the symmetric part (a + a')/2 of each square matrix, whatever else a holds; gradients are
/// symmetric. The gradient of the eigenvalues is V diag(g) V', which needs no gaps, and its own derivative divides
/// differences of g by gaps. The gradient through the eigenvectors is defined where the eigenvalues are distinct, for
/// functions that do not depend on the choice of signs; terms that would divide by a gap of exactly zero are left out.
Eigh eigh(const Tensor& a);

/// Eigenvalues of square matrices as pairs (real, imaginary): [..., n, n] -> [..., n, 2], ascending by real part, the
/// positive imaginary part of a conjugate pair first. Values only: no gradient flows.
Tensor eigvals(const Tensor& a);

/// The lower triangular L with positive diagonal and L L' = a, for the symmetric part of a positive definite matrix:
/// zeros above the diagonal, symmetric gradients (Murray 2016, "Differentiation of the Cholesky decomposition").
/// A matrix that is not positive definite is an Error.
Tensor cholesky(const Tensor& a);

/// w = Q R with orthonormal columns Q [..., m, k] and upper triangular R [..., k, n], k = min(m, n). Signs are
/// LAPACK's: the diagonal of R may be negative.
struct QR {
  Tensor Q, R;
};

/// Reduced QR decomposition by Householder reflections. The gradient needs the first k columns of w to be independent
/// (Walter and Lehmann 2018, "Algorithmic differentiation of linear algebra functions"); otherwise it is an Error.
QR qr(const Tensor& w);

}  // namespace sigmagrad::linalg
