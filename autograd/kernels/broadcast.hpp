// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>

#include <sigmagrad/autograd/kernels/multiversion.hpp>
#include <sigmagrad/autograd/tensor/shape.hpp>

namespace sigmagrad::engine {

/// How two operands lie under a broadcast result: the result's axes, with neighbours merged where both operands allow
/// it, and each operand's stride along them (0 where it repeats). The innermost strides are 0 or 1.
struct Broadcast {
  Broadcast(const Shape& result, const Shape& a, const Shape& b);

  int rank = 0;
  std::array<std::int64_t, Shape::max_rank> sizes{}, a_strides{}, b_strides{};
};

template <class T, class F>
SIGMAGRAD_MULTIVERSION void broadcast_row(T* __restrict out, const T* a, const T* b, std::int64_t n, bool a_moves,
                                          bool b_moves, F f) {
  if (a_moves && b_moves)
    for (std::int64_t i = 0; i < n; ++i) out[i] = f(a[i], b[i]);
  else if (a_moves)
    for (std::int64_t i = 0; i < n; ++i) out[i] = f(a[i], *b);
  else if (b_moves)
    for (std::int64_t i = 0; i < n; ++i) out[i] = f(*a, b[i]);
  else
    for (std::int64_t i = 0; i < n; ++i) out[i] = f(*a, *b);
}

/// out = f(a, b), row by row of the innermost merged axis.
template <class T, class F>
void broadcast_loop(T* out, const T* a, const T* b, const Broadcast& plan, F f) {
  const auto inner = static_cast<std::size_t>(plan.rank - 1);
  const std::int64_t n = plan.sizes[inner];
  std::int64_t rows = 1;
  for (std::size_t axis = 0; axis < inner; ++axis) rows *= plan.sizes[axis];
  std::array<std::int64_t, Shape::max_rank> index{};
  for (std::int64_t row = 0; row < rows; ++row, out += n) {
    broadcast_row(out, a, b, n, plan.a_strides[inner] != 0, plan.b_strides[inner] != 0, f);
    for (std::size_t axis = inner; axis-- > 0;) {
      a += plan.a_strides[axis];
      b += plan.b_strides[axis];
      if (++index[axis] < plan.sizes[axis]) break;
      a -= plan.a_strides[axis] * plan.sizes[axis];
      b -= plan.b_strides[axis] * plan.sizes[axis];
      index[axis] = 0;
    }
  }
}

}  // namespace sigmagrad::engine
