// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>
#include <sigmagrad/linalg/norms.hpp>

// Norms and their duals: the dual norm of y is max <x, y> over the x of norm 1, so that <x, y> <= ||x|| ||y||_dual
// (Horn and Johnson 2013, section 5.4). Values at infinite and NaN entries, and gradients at ties, are those of the
// norms that they are made of.
namespace sigmagrad::linalg {

/// The q with 1/p + 1/q = 1: infinity for p = 1, and 1 for infinity. Error unless p >= 1.
double conjugate_exponent(double p);

/// The dual of vector_norm(x, p) of vectors [..., n] -> [...], p >= 1: the norm of the conjugate exponent.
Tensor dual_vector_norm(const Tensor& x, double p);

/// The dual of norm(w, kind) of matrices [..., m, n] -> [...]: the nuclear norm for 2 and the spectral norm for
/// Nuclear; Fro for Fro; the sum of the entries' sizes for Max; for 1 the sum of the columns' largest entries and for
/// Inf that of the rows', sizes again.
Tensor dual_norm(const Tensor& w, NormKind kind);

/// <A, B> = tr(A'B), the sum of the products of entries: [..., m, n] -> [...]. Batch axes broadcast.
Tensor inner_product(const Tensor& A, const Tensor& B);

}  // namespace sigmagrad::linalg
