// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <vector>

#include <sigmagrad/autograd/tensor/tensor.hpp>

// Which observed entries of a product P = W_L ... W_1 of factors {W_1, ..., W_L} learn together. `observed` is a 0/1
// mask of P's shape; entries are numbered as they lie in it, row by row.
namespace sigmagrad::theory {

/// The gradients of the N observed entries in all of the factors' entries: [N, parameters].
Tensor observed_jacobian(const std::vector<Tensor>& factors, const Tensor& observed);

/// Their inner products, [N, N]: sum_l (e_i' T_l e_p) (e_j' S_l e_q) for entries (i, j) and (p, q), where T_l and S_l
/// are the Gram matrices of what stands left and right of W_l (paper 002, Lemma B.1).
Tensor gradient_gram(const std::vector<Tensor>& factors, const Tensor& observed);

/// Sets of numbers of observed entries, each ascending, in the order of their first members.
using Components = std::vector<std::vector<std::int64_t>>;

/// The finest partition such that gradients of entries in different sets are orthogonal: more than one set is what
/// paper 002, Definition 2, calls decoupled, at these factors. Gradients count as orthogonal where the cosine of their
/// angle is at most `tolerance` in size.
Components coupled_components(const std::vector<Tensor>& factors, const Tensor& observed, double tolerance = 1e-12);

/// Components of the bipartite graph of rows and columns: entries that share a row or a column belong together.
Components connected_components(const Tensor& observed);
/// Whether that is one set, as in Definition 1 of paper 002 (after Bai et al. 2024); not so without any entry.
bool is_connected(const Tensor& observed);

}  // namespace sigmagrad::theory
