// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad::theory::detail {

/// What drives Q Q' (paper 004, section 3.3): F = [[-lambda/2 I, Sigma'], [Sigma, lambda/2 I]] = O diag(mu) O'. With
/// Sigma = U diag(s) V' the columns of O are (c v; d u), which grow with mu = omega = sqrt(s^2 + lambda^2/4), then (d
/// v; -c u) with mu = -omega, then what one side has more than the other, (0; u) with lambda/2 or (v; 0) with
/// -lambda/2.
struct Drive {
  Tensor s;      // [B, m], m = min(n_i, n_o)
  Tensor O, mu;  // [B, N, N], [B, N], N = n_i + n_o
};
/// For Sigma [B, n_o, n_i] and lambda [B].
Drive drive(const Tensor& Sigma, const Tensor& lambda);

}  // namespace sigmagrad::theory::detail
