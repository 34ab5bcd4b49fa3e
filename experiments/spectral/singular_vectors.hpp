// SPDX-License-Identifier: BSD-3-Clause
// How much of a target's singular vectors a learned matrix has.
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>
#include <sigmagrad/lab/model/quantity.hpp>
#include <sigmagrad/linalg/svd.hpp>

namespace sigmagrad::experiments::spectral {

using namespace lab;

/// |u_k' u*_k| |v_k' v*_k| for each k, of two square matrices [n, n]: [n]. Over all pairs of the target's, such
/// products sum to at most 1: above 1/2, a pair is nearer to its own than to any other.
Tensor overlaps(const linalg::SVD& learned, const linalg::SVD& target);

/// The norm of what `weight` has off the diagonal in the target's singular vectors, over the target's norm.
double off_basis(const Tensor& weight, const linalg::SVD& target);

inline const Quantity mean_overlap{.name = "overlap", .label = "overlap of singular vectors with the target's, mean"};
inline const Quantity off_target_basis{.name = "off_basis", .label = "part of W off the target's singular vectors"};

}  // namespace sigmagrad::experiments::spectral
