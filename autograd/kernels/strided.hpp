// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>

#include <sigmagrad/autograd/tensor/shape.hpp>
#include <sigmagrad/autograd/threads/parallel_for.hpp>

namespace sigmagrad::engine {

using Strides = std::array<std::int64_t, Shape::max_rank>;

/// Strides of a row-major tensor.
inline Strides row_major_strides(const Shape& shape) {
  Strides strides{};
  std::int64_t stride = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    strides[static_cast<std::size_t>(axis)] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/// The rows [from, to) of a tensor of `shape` in row-major order: f(i, offset), i counting entries, offset following
/// `strides`.
template <class F>
void for_rows_strided(const Shape& shape, const Strides& strides, std::int64_t from, std::int64_t to, F f) {
  const int last = shape.rank() - 1;
  const std::int64_t n = last < 0 ? 1 : shape[last];
  const std::int64_t step = last < 0 ? 0 : strides[static_cast<std::size_t>(last)];
  std::array<std::int64_t, Shape::max_rank> index{};
  std::int64_t offset = 0;
  for (std::int64_t axis = last - 1, before = from; axis >= 0 && from > 0; --axis) {
    const auto a = static_cast<std::size_t>(axis);
    index[a] = before % shape[static_cast<int>(axis)];
    before /= shape[static_cast<int>(axis)];
    offset += index[a] * strides[a];
  }
  for (std::int64_t row = from; row < to; ++row) {
    for (std::int64_t i = 0; i < n; ++i) f(row * n + i, offset + i * step);
    for (int axis = last - 1; axis >= 0; --axis) {
      const auto a = static_cast<std::size_t>(axis);
      offset += strides[a];
      if (++index[a] < shape[axis]) break;
      offset -= strides[a] * shape[axis];
      index[a] = 0;
    }
  }
}

/// All of it, on the threads of the calling one; no two calls may write to the same entry.
template <class F>
void for_each_strided(const Shape& shape, const Strides& strides, F f) {
  if (shape.numel() == 0) return;
  const std::int64_t n = shape.rank() == 0 ? 1 : shape[-1], rows = shape.numel() / n;
  if (rows == 1 && n > 1)
    parallel_for(n, entry_grain,
                 [&, step = strides[static_cast<std::size_t>(shape.rank() - 1)]](std::int64_t i, std::int64_t end) {
                   for (; i < end; ++i) f(i, i * step);
                 });
  else
    parallel_for(rows, grain_of(n),
                 [&](std::int64_t from, std::int64_t to) { for_rows_strided(shape, strides, from, to, f); });
}

}  // namespace sigmagrad::engine
