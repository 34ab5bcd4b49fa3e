// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>

#include <sigmagrad/autograd/tensor/tensor.hpp>

// The matrix Riccati equation Q Q'' = F Q Q' + Q Q' F - (Q Q')^2 in the basis where F = diag(mu). A factor Y of the
// solution, Q Q' = Y Y' [N, N], becomes after the time h
//   diag(e^(mu h)) Y M^(-1/2),  M = I + Y' diag(g) Y,  g = (e^(2 mu h) - 1) / (2 mu)  (h where mu = 0),
// for any square root of M.
namespace sigmagrad::theory::detail {

/// Growth exponents mu h up to 5 keep all digits: Y [B, N, n], mu [B, N], h one a trial. h = 0 changes no bit.
Tensor riccati_step(const Tensor& Y, const Tensor& mu, std::span<const double> h);

/// One trial by any time: Y [N, n], mu [N]. With row scales kept as logarithms and pivots chosen by them, what has
/// grown by e^1000 does not drown what has not.
Tensor riccati_jump(const Tensor& Y, const Tensor& mu, double h);

}  // namespace sigmagrad::theory::detail
