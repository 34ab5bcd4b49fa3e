// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/linalg/decompositions.hpp>

// Functions of the library with errors that name the function the user called.
namespace sigmagrad::linalg::detail {

/// What a singular matrix leads to.
enum class IfSingular { Fail, Infinity };

/// X with A X = B for matrices that have the same batch axes. X of a singular A is infinite, without a gradient that
/// means anything.
Tensor solve(const char* operation, const Tensor& A, const Tensor& B, IfSingular if_singular = IfSingular::Fail);
Tensor inv(const char* operation, const Tensor& A, IfSingular if_singular = IfSingular::Fail);
QR qr(const char* operation, const Tensor& w);

/// Whether B holds a right-hand side [m] for each matrix of A.
inline bool is_vector(const Tensor& A, const Tensor& B) {
  return B.dim() == 1 || (B.dim() == A.dim() - 1 && B.shape() == A.shape().without(-1));
}

/// Matrices repeated to the batch axes given.
inline Tensor with_batch(const Tensor& x, const Shape& batch) {
  const Shape shape = batch.inserted(-1, x.size(-2)).inserted(-1, x.size(-1));
  return x.shape() == shape ? x : x.expand(shape);
}

}  // namespace sigmagrad::linalg::detail
