// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor.hpp>

namespace sigmagrad::linalg {

/// The exponential of square matrices, 1 + A + A^2/2 + ...: [..., n, n] -> [..., n, n]. Scaling and squaring with a
/// Pade approximant (Higham 2005), in double precision for either dtype. The gradient for g is the upper right block of
/// expm([[A', g], [0, A']]) (Mathias 1996), at ties of the eigenvalues as elsewhere. Non-finite entries are an Error.
Tensor expm(const Tensor& A);

}  // namespace sigmagrad::linalg
