// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

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

// All functions but vector_norm take [..., m, n] and work on each matrix.
//
// Euclidean norms (vector_norm 2, Fro, the rows' and columns') hold for entries of any size: {3e200, 4e200} has length
// 5e200. If the vector is 0, its gradient and all further derivatives are taken as 0: the Hessian of square(norm(w)) at
// 0 is therefore 0, and that of square(w).sum() is right. An infinite entry makes the norm infinite; it has the
// gradient NaN, and finite entries beside it 0. A NaN makes the norm NaN.

/// One number a matrix: [...]. The largest row, column or entry shares its gradient equally with those that tie with
/// it.
Tensor norm(const Tensor& w, NormKind kind = Fro);
/// Euclidean lengths of the rows [..., m] and of the columns [..., n].
Tensor row_norms(const Tensor& w);
Tensor col_norms(const Tensor& w);

/// (sum |x_i|^p)^(1/p) of vectors [..., n] -> [...], p > 0, infinity included; no norm for p < 1. An entry that is 0
/// has the gradient 0 for every p, p < 1 included, where the slope beside it is infinite; so has a vector of zeros.
/// An infinite entry makes the norm infinite. Gradients are then as for Euclidean norms, with three exceptions: signs
/// at p = 1, those of the largest entry at p = infinity, and infinity for finite entries at p < 1.
Tensor vector_norm(const Tensor& x, double p = 2.0);
/// The p-norm of the singular values: nuclear at p = 1, Frobenius at 2, spectral at infinity. Except at 2, non-finite
/// entries are an Error.
Tensor schatten_norm(const Tensor& w, double p);
/// Sum of the k largest singular values, 1 <= k <= min(m, n).
Tensor ky_fan_norm(const Tensor& w, std::int64_t k);

/// max ||w x||_2 over ||x||_1 = 1: the largest column length. Columns that tie share the gradient equally.
Tensor norm_1_to_2(const Tensor& w);
/// max ||w x||_1 over ||x||_2 = 1, which is max ||w' s||_2 over signs s, an NP-hard problem. Exact, by all signs, up to
/// `norm_2_to_1_exact_rows` rows. Above, a lower bound: the best end of an alternating iteration from up to 64 starts.
/// The gradient is that of ||w' s||_2 at the signs found, of several that tie the first.
Tensor norm_2_to_1(const Tensor& w);
inline constexpr std::int64_t norm_2_to_1_exact_rows = 16;
/// ||w||_{2,1}: the sum of the column lengths (Bartlett et al. 2017).
Tensor norm_2_1(const Tensor& w);

}  // namespace sigmagrad::linalg
