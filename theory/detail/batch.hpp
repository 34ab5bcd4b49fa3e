// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

// Batch axes as one.
namespace sigmagrad::theory::detail {

/// [..., m, n] -> [B, m, n], repeated along axes of `batch` that x lacks.
inline Tensor flat_batch(const Tensor& x, const Shape& batch) {
  const auto shape = batch.inserted(-1, x.size(-2)).inserted(-1, x.size(-1));
  return x.detach().expand(shape).reshape({batch.numel(), x.size(-2), x.size(-1)});
}

/// [B, ...] -> [batch..., ...].
inline Tensor with_batch(const Tensor& x, const Shape& batch) {
  Shape shape = batch;
  for (int axis = 1; axis < x.dim(); ++axis) shape = shape.inserted(-1, x.size(axis));
  return x.reshape(shape);
}

}  // namespace sigmagrad::theory::detail
