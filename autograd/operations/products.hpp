// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>

#include <sigmagrad/autograd/tensor/tensor.hpp>

// Products of tensors by way of `matmul`, whose accuracy they have.
namespace sigmagrad {

/// Sum of the products of two vectors: [n], [n] -> a scalar. Further axes in front are batch axes, which broadcast.
Tensor dot(const Tensor& a, const Tensor& b);

/// Kronecker product [..., m, n], [..., p, q] -> [..., m p, n q], whose block i, j is a_ij b. Batch axes broadcast. A
/// vector stands for a matrix of one row; two vectors give a vector.
Tensor kron(const Tensor& a, const Tensor& b);

/// Products summed over axes: axis axes_a[i] of a with axis axes_b[i] of b, which have one size. The result has the
/// other axes of a, then those of b. A number stands for the last `axes` axes of a and the first of b.
Tensor tensordot(const Tensor& a, const Tensor& b, int axes = 2);
Tensor tensordot(const Tensor& a, const Tensor& b, std::initializer_list<int> axes_a,
                 std::initializer_list<int> axes_b);

/// Products summed by Einstein's convention: einsum("ij,kj->ik", {x, y}) is matmul(x, y.t()). A letter names an axis, a
/// list of letters an operand, and one for the result after "->": products are summed over the letters that it leaves
/// out. A letter twice in one operand is its diagonal. "..." stands for any axes in front of, between or behind the
/// letters, which broadcast from the last one. Without "->" the result has the axes of "...", then those letters that
/// occur once, in alphabetical order (capitals first). An axis of size 1 broadcasts. More than two operands are
/// multiplied from left to right: see `multi_dot` for a better order.
Tensor einsum(std::string_view equation, const std::vector<Tensor>& operands);

/// Product of two or more matrices in the order of fewest multiplications. The first and the last may be vectors, as in
/// `matmul`; batch axes broadcast.
Tensor multi_dot(const std::vector<Tensor>& matrices);

}  // namespace sigmagrad
