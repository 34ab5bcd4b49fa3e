// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad::linalg {

/// The exponential of square matrices, 1 + A + A^2/2 + ...: [..., n, n] -> [..., n, n]. Scaling and squaring with a
/// Pade approximant (Higham 2005; Al-Mohy and Higham 2009), in double precision for either dtype. Entries are exactly
/// zero where the zeros of A make them so: a triangular matrix stays triangular, its diagonal and the one beside it are
/// right to rounding. Entries beyond the dtype's range are infinite, those below it zero. The gradient is the Frechet
/// derivative at A' in the direction of the incoming gradient, at ties of the eigenvalues as elsewhere; one beyond the
/// range is infinite. Non-finite entries, of A or of an incoming gradient, are an Error.
Tensor expm(const Tensor& A);

/// A multiplied n times, by repeated squaring; for n < 0 that of the inverse, for n = 0 the identity: [..., n, n].
/// Negative powers of a singular matrix are an Error, as in `inv`.
Tensor matrix_power(const Tensor& A, std::int64_t n);

}  // namespace sigmagrad::linalg
