// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>
#include <sigmagrad/linalg/norms.hpp>

namespace sigmagrad::linalg {

// Functions of the singular values s1 >= s2 >= ... of each matrix: [..., m, n] -> [...]. Ratios do not depend on the
// scale of the matrix, however large or small its entries. A matrix of zeros has no ratio: NaN. Non-finite entries are
// an Error where singular values are taken.

/// Condition number, unguarded: infinite for a singular matrix. s1 / sn for kind 2; norm(w, kind) norm(w^-1, kind) of a
/// square matrix for 1, Inf, Fro and Nuclear, where a matrix of zeros has NaN.
Tensor cond(const Tensor& w, NormKind kind = NormKind::Two);
/// log s1 - log sn.
Tensor log_cond(const Tensor& w);
/// In the units of the entries, or of ||w||_2.
enum class Distance { Absolute, Relative };
/// The spectral norm of the least change that makes w of less than full rank: sn, or sn / s1 = 1 / cond(w) (Eckart and
/// Young 1936; Kahan 1966).
Tensor distance_to_singularity(const Tensor& w, Distance kind = Distance::Absolute);
/// (s1 - s2) / s1. Needs two singular values.
Tensor spectral_gap(const Tensor& w);
/// ||W||_F^2 / s1^2. Where s1 is not simple, the gradient is that of one of its pairs of vectors.
Tensor stable_rank(const Tensor& w);
/// exp of the entropy of p = s / sum(s), or of s^2 / sum(s^2) (Roy and Vetterli 2007), where 0 log 0 = 0.
enum class EntropyOf { Values, Squares };
Tensor effective_rank(const Tensor& w, EntropyOf kind = EntropyOf::Values);
/// (s1^2 + ... + sk^2) / ||W||_F^2, 1 <= k <= min(m, n): what the k leading directions hold of the sum of squares.
Tensor energy_share(const Tensor& w, std::int64_t k);
/// How many singular values exceed fraction * s1, of one matrix and of each in a batch. No gradient.
int rank_above(const Tensor& w, double fraction);
Tensor ranks_above(const Tensor& w, double fraction);

}  // namespace sigmagrad::linalg
