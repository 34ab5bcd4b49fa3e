// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor.hpp>

namespace sigmagrad::linalg {

/// Which matrix norm: 1 (largest column sum), 2 (spectral), Inf (largest row sum), Fro, Nuclear (sum of the singular
/// values) or Max (largest entry).
class NormKind {
 public:
  enum Name { One, Two, Infinity, Frobenius, NuclearNorm, MaxNorm };
  constexpr NormKind(Name name_) : name(name_) {}
  /// 1 or 2; Error otherwise.
  NormKind(int p);
  NormKind(double) = delete;

  Name name;
};
inline constexpr NormKind Inf = NormKind::Infinity;
inline constexpr NormKind Fro = NormKind::Frobenius;
inline constexpr NormKind Nuclear = NormKind::NuclearNorm;
inline constexpr NormKind Max = NormKind::MaxNorm;

// All functions take [..., m, n] and work on each matrix.

/// One number a matrix: [...]. At a zero matrix the gradient of the Frobenius norm is taken as 0.
Tensor norm(const Tensor& w, NormKind kind = Fro);
/// Euclidean lengths of the rows [..., m] and of the columns [..., n]. The gradient at a zero row is taken as 0.
Tensor row_norms(const Tensor& w);
Tensor col_norms(const Tensor& w);

}  // namespace sigmagrad::linalg
