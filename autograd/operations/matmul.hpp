// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad {

/// Matrix product [..., m, k] x [..., k, n] -> [..., m, n]. Batch axes broadcast; a vector stands for a row on the left
/// and a column on the right, and its axis is dropped. A transposed operand is read where it lies. Sums of more
/// than 4096 products in f32, 65536 in f64, are those of two halves: errors do not grow with the inner size.
Tensor matmul(const Tensor& a, const Tensor& b);

/// Outer product [..., m], [..., n] -> [..., m, n].
Tensor outer(const Tensor& a, const Tensor& b);

}  // namespace sigmagrad
