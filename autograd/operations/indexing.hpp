// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad {

// Indices are positions 0, ..., n - 1 on an axis of n entries; any other number is an Error. In a tensor they are whole
// numbers, which a captured step reads at every call. In f32, which rounds beyond 2^24, one of 2^24 or more is an
// Error. Where an index occurs several times, what is added up there, in a value or a gradient, is added as accurately
// as `sum` does.

/// Slices `indices` of an axis, in that order; one may occur several times.
Tensor index_select(const Tensor& x, int axis, std::span<const std::int64_t> indices);
Tensor index_select(const Tensor& x, int axis, const Tensor& indices);
inline Tensor index_select(const Tensor& x, int axis, std::initializer_list<std::int64_t> indices) {
  return index_select(x, axis, std::span(indices.begin(), indices.size()));
}
/// out[..., k, ...] = x[..., indices[..., k, ...], ...] along `axis`. `indices` has x's rank, and x's sizes on every
/// other axis.
Tensor gather(const Tensor& x, int axis, const Tensor& indices);

/// x with slices of `source` added: out[..., indices[k], ...] += source[..., k, ...] along `axis`. `source` has x's
/// shape but for that axis, along which it has as many slices as there are indices.
Tensor index_add(const Tensor& x, int axis, std::span<const std::int64_t> indices, const Tensor& source);
Tensor index_add(const Tensor& x, int axis, const Tensor& indices, const Tensor& source);
inline Tensor index_add(const Tensor& x, int axis, std::initializer_list<std::int64_t> indices, const Tensor& source) {
  return index_add(x, axis, std::span(indices.begin(), indices.size()), source);
}
/// x with the entries of `source` added: out[..., indices[..., k, ...], ...] += source[..., k, ...] along `axis`.
/// `indices` and `source` have one shape: x's sizes on every other axis.
Tensor scatter_add(const Tensor& x, int axis, const Tensor& indices, const Tensor& source);

/// x with slices replaced: out[..., indices[k], ...] = values[..., k, ...] along `axis`, where `values` broadcast to
/// x's shape with as many entries on that axis as there are indices. Where an index occurs several times, its last
/// slice stays and alone has a gradient. What was replaced has gradient 0.
Tensor index_put(const Tensor& x, int axis, std::span<const std::int64_t> indices, const Tensor& values);
Tensor index_put(const Tensor& x, int axis, const Tensor& indices, const Tensor& values);
inline Tensor index_put(const Tensor& x, int axis, std::initializer_list<std::int64_t> indices, const Tensor& values) {
  return index_put(x, axis, std::span(indices.begin(), indices.size()), values);
}
/// Likewise, in place; gradients flow as they do through `copy_`. A leaf that requires grad needs a NoGrad guard.
Tensor& index_put_(Tensor& x, int axis, std::span<const std::int64_t> indices, const Tensor& values);
Tensor& index_put_(Tensor& x, int axis, const Tensor& indices, const Tensor& values);
inline Tensor& index_put_(Tensor& x, int axis, std::initializer_list<std::int64_t> indices, const Tensor& values) {
  return index_put_(x, axis, std::span(indices.begin(), indices.size()), values);
}

/// 1 at the label and 0 at the other classes: labels [...], 0 <= label < classes, become [..., classes] in their dtype.
/// No gradient.
Tensor one_hot(const Tensor& labels, std::int64_t classes);
Tensor one_hot(std::span<const std::int64_t> labels, std::int64_t classes, Dtype dtype = f64);

}  // namespace sigmagrad
