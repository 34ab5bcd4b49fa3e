// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include <sigmagrad/theory/block_matrices.hpp>
#include <sigmagrad/theory/completion_limits.hpp>

namespace sigmagrad::theory {

/// The eigenvalues of every factor at `times`, ascending in [0, infinity], along the flow of paper 002, Lemma D.6:
/// l1' = -gamma l1^(L-1), l2' = -gamma l2^(L-1), l3' = -l3^(2L-1) with gamma as below; all factors stay one matrix
/// M(a, b, c). Integrated for the logarithms, to a relative error of some 1e-9; l3 in closed form.
std::vector<BlockEigenvalues> completion_flow(const BlockCompletion& setting, const std::vector<double>& times);

/// gamma = (l1^L + (n - 1) l2^L) / n - s w: the residual's eigenvalue along sums over blocks. It keeps its sign and
/// goes to 0 exponentially (paper 002, Proposition D.1).
double completion_residual(const BlockCompletion& setting, const BlockEigenvalues& eigenvalues);

/// When |gamma| has fallen to `share` of s w: the sum of the singular values is that close to its limit, w n s.
double completion_time(const BlockCompletion& setting, double share);

/// (L / n) (l1^(2L-2) + (n - 1) l2^(2L-2)): gamma' = -rate gamma.
double completion_rate(const BlockCompletion& setting, const BlockEigenvalues& eigenvalues);

}  // namespace sigmagrad::theory
