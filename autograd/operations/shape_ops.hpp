// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad {

// The shape operations of one tensor are members of Tensor. Axes may be negative.

/// Joins tensors that agree in every other axis; `stack` adds a new axis for it.
Tensor cat(const std::vector<Tensor>& tensors, int axis = 0);
Tensor stack(const std::vector<Tensor>& tensors, int axis = 0);
// Indices in a tensor are whole numbers. In f32, which rounds beyond 2^24, one of 2^24 or more is an Error.

/// Slices `indices` of an axis, in that order; one may occur several times, and its gradient, here and in `gather`, is
/// then added up as accurately as `sum` does.
Tensor index_select(const Tensor& x, int axis, std::span<const std::int64_t> indices);
/// Takes the indices as whole numbers in a tensor [k]: a captured step reads them at every call.
Tensor index_select(const Tensor& x, int axis, const Tensor& indices);
/// out[..., k, ...] = x[..., indices[..., k, ...], ...] along `axis`. `indices` (whole numbers stored in a tensor)
/// has x's rank, and x's sizes on every other axis.
Tensor gather(const Tensor& x, int axis, const Tensor& indices);
/// The diagonal of a matrix [m, n], or the diagonal matrix of a vector [n].
Tensor diag(const Tensor& x);
/// Sum of the diagonal of each matrix: [..., m, n] -> [...].
Tensor trace(const Tensor& x);

}  // namespace sigmagrad
