// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>

#include <sigmagrad/autograd/tensor/shape.hpp>

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

/// Visits a tensor of `shape` in row-major order: f(i, offset), i counting entries, offset following `strides`.
template <class F>
void for_each_strided(const Shape& shape, const Strides& strides, F f) {
  if (shape.numel() == 0) return;
  const int last = shape.rank() - 1;
  const std::int64_t n = last < 0 ? 1 : shape[last];
  const std::int64_t step = last < 0 ? 0 : strides[static_cast<std::size_t>(last)];
  std::array<std::int64_t, Shape::max_rank> index{};
  std::int64_t offset = 0;
  for (std::int64_t row = 0; row < shape.numel(); row += n) {
    for (std::int64_t i = 0; i < n; ++i) f(row + i, offset + i * step);
    for (int axis = last - 1; axis >= 0; --axis) {
      const auto a = static_cast<std::size_t>(axis);
      offset += strides[a];
      if (++index[a] < shape[axis]) break;
      offset -= strides[a] * shape[axis];
      index[a] = 0;
    }
  }
}

}  // namespace sigmagrad::engine
