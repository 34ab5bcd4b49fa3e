// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad::theory {

struct DisconnectedLimit {
  Tensor A, B;
};

/// The factors [m, k] and [k, n] that gradient flow ends at from A and B, for half the sum of squared errors of A B at
/// the entries that the 0/1 mask `observed` [m, n] shows, at most one in each row and each column; `target` is [m, n].
/// The pair (a_i, b_j) of an observed entry moves as a cosh r - b sinh r, b cosh r - a sinh r (paper 002, Proposition
/// E.1; Proposition 4.1 for the diagonal); rows and columns without one stay. Error for a pattern that is connected
/// somewhere, and where the flow ends at zero instead of at the target: a = -b with target > 0, a = b with target < 0.
DisconnectedLimit disconnected_limit(const Tensor& A, const Tensor& B, const Tensor& target, const Tensor& observed);

}  // namespace sigmagrad::theory
