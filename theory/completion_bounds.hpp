// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

// What paper 002 proves about products A B of two factors without solving for where gradient flow ends. Losses are half
// sums of squared errors.
namespace sigmagrad::theory {

/// 1 - cos^2 of the angle between each row of A [..., m, k] and b [..., k]: [..., m]. Where all are 0, A b' has rank 1.
Tensor misalignment(const Tensor& A, const Tensor& b);

/// An upper bound on the misalignment in which gradient flow ends that starts at rows A [..., m, k] and a column
/// b [..., k] and fits A b = targets [..., m] (none 0): |A|^2 (sqrt(|b|^4 + 4 |targets|^2) + |b|^2) / (2 target_i^2).
/// [..., m] (paper 002, Theorem 3.1, where m = 2; its proof holds for any m).
Tensor misalignment_bound(const Tensor& A, const Tensor& b, const Tensor& targets);

/// Bounds for A = B = sqrt(w) I in 2 x 2, trained further when the entry w12 joins the diagonal entries w
/// (Theorem 4.2), at the end of the flow; `loss` bounds it at time t.
struct WarmStartBounds {
  double w, w12;
  double sigma_1;      // from above, w exp(2 w12 / w)
  double sigma_2;      // from below, w exp(-2 w12 / w)
  double stable_rank;  // from below, 1 + exp(-8 w12 / w)

  /// w12^2 exp(-2 w t) / 2.
  double loss(double t) const;
};
WarmStartBounds warm_start_bounds(double w, double w12);

/// Training that starts so close to fitting that little changes (Theorem 4.3, E.2 in the appendix): bounds that hold
/// at all times where the loss at the start is at most `largest_loss` and A'A = B B' there.
struct LazyBounds {
  double s_min, s_max;  // singular values of the Jacobian of the observed entries at the start
  double largest_loss;  // s_min^6 / (1152 d s_max^2)
  double distance;      // of both factors from the start together, s_min / (4 sqrt d)
  double shift;         // of each singular value of A, s_min / (4 sqrt(2 d))
  double stable_rank;   // of A, from below

  /// Bound of the loss at time t: start exp(-s_min^2 t / 2).
  double loss(double start, double t) const;
  /// The distance as far as the start's loss decides it: 6 sqrt(2) s_max / s_min^2 sqrt(start).
  double distance_for(double start) const;
};
/// A [d, k] and B [k, d]; `observed` is a 0/1 mask [d, d].
LazyBounds lazy_bounds(const Tensor& A, const Tensor& B, const Tensor& observed);

}  // namespace sigmagrad::theory
