// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/linalg/spectrum.hpp>
#include <sigmagrad/nn/penalty.hpp>

// The built-in penalties, of matrices [..., m, n] with singular values s1 >= s2 >= ...; "prox" where they have one.
// Gradients are those of the functions of linalg that they are made of. Proximal maps work on the singular values
// alone, which is all that a unitarily invariant function needs (Parikh and Boyd 2014, section 6.7).
namespace sigmagrad::nn {

/// ||W||_F^2, the sum of squares, with gradient 2 W: an optimiser's `weight_decay` c, which adds c W to the gradient,
/// is c / 2 times this. Prox W / (1 + 2 tau).
Penalty frobenius_penalty();

/// Sum of s. Prox max(s - tau, 0). Where some s are 0, the gradient is the subgradient of the vectors found for them.
Penalty nuclear_penalty();

/// s1. Prox min(s, theta) with theta >= 0 such that sum max(s - theta, 0) = tau, or 0 where sum s <= tau: s minus its
/// projection on the l1 ball of radius tau, by Moreau's decomposition (Parikh and Boyd 2014, section 6.5).
Penalty spectral_penalty();

/// linalg::schatten_norm(w, p), p > 0. Prox for p = 1 (nuclear), infinity (spectral) and 2 (||W||_F, not squared:
/// W max(1 - tau / ||W||_F, 0), which is 0 for a matrix of zeros; the gradient there is 0).
Penalty schatten_penalty(double p);

/// s1 + ... + sk. Prox s minus its projection on {0 <= x <= tau, sum x <= k tau}, the ball of the dual norm
/// max(s1, sum s / k) (Bhatia 1997, section IV.2).
Penalty ky_fan_penalty(std::int64_t k);

/// (log(k + shift) - log(target + shift))^2 for the condition number k = s1 / (sn + guard). Paper 001 has target the
/// teacher's k, shift 1 and guard 1e-10.
Penalty log_cond_penalty(double target, double shift = 0.0, double guard = 0.0);

/// sum s / ||W||_F, from 1 for rank 1 to the root of min(m, n) for equal singular values, whatever the scale of W (Zhao
/// 2023); NaN for a matrix of zeros.
Penalty spectral_ratio_penalty();

/// The functions of linalg of those names, whatever the scale of W: what `inspect` shows can be asked of a training, as
/// in `-0.1 * effective_rank_penalty()`.
Penalty stable_rank_penalty();
Penalty effective_rank_penalty(linalg::EntropyOf kind = linalg::EntropyOf::Values);
Penalty spectral_gap_penalty();
Penalty energy_share_penalty(std::int64_t k);

/// ||W'W - I||_F^2, which is sum (s^2 - 1)^2 (Bansal, Chen and Wang 2018); for more columns than rows ||WW' - I||_F^2,
/// smaller by n - m, so that 0 is reached.
Penalty orthogonality_penalty();

}  // namespace sigmagrad::nn
