// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>

#include <sigmagrad/autograd/kernels/multiversion.hpp>
#include <sigmagrad/autograd/tensor/shape.hpp>
#include <sigmagrad/autograd/threads/parallel_for.hpp>

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

/// out = f(a, b) for n entries of each, on the threads of the calling one.
template <class T, class F>
void map_pairs(T* out, const T* a, const T* b, std::int64_t n, F f) {
  parallel_for(n, entry_grain,
               [=](std::int64_t i, std::int64_t end) { broadcast_row(out + i, a + i, b + i, end - i, true, true, f); });
}

/// Rows [from, to) of out = f(a, b), where a row is the innermost merged axis.
template <class T, class F>
void broadcast_rows(T* out, const T* a, const T* b, const Broadcast& plan, std::int64_t from, std::int64_t to, F f) {
  const auto inner = static_cast<std::size_t>(plan.rank - 1);
  const std::int64_t n = plan.sizes[inner];
  std::array<std::int64_t, Shape::max_rank> index{};
  out += from * n;
  for (std::size_t axis = inner, before = static_cast<std::size_t>(from); axis-- > 0 && from > 0;) {
    index[axis] = static_cast<std::int64_t>(before) % plan.sizes[axis];
    before /= static_cast<std::size_t>(plan.sizes[axis]);
    a += index[axis] * plan.a_strides[axis];
    b += index[axis] * plan.b_strides[axis];
  }
  for (std::int64_t row = from; row < to; ++row, out += n) {
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

template <class T, class F>
void broadcast_loop(T* out, const T* a, const T* b, const Broadcast& plan, F f) {
  const auto inner = static_cast<std::size_t>(plan.rank - 1);
  const std::int64_t n = plan.sizes[inner];
  std::int64_t rows = 1;
  for (std::size_t axis = 0; axis < inner; ++axis) rows *= plan.sizes[axis];
  if (rows == 1)
    parallel_for(n, entry_grain, [&](std::int64_t i, std::int64_t end) {
      const bool a_moves = plan.a_strides[inner] != 0, b_moves = plan.b_strides[inner] != 0;
      broadcast_row(out + i, a_moves ? a + i : a, b_moves ? b + i : b, end - i, a_moves, b_moves, f);
    });
  else
    parallel_for(rows, grain_of(n),
                 [&](std::int64_t from, std::int64_t to) { broadcast_rows(out, a, b, plan, from, to, f); });
}

}  // namespace sigmagrad::engine
