// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/detail/elementwise.hpp>

namespace sigmagrad::detail {

/// A tensor seen as [outer, n, inner] around the axis to reduce.
struct AxisView {
  AxisView(const Shape& shape, int axis) : n(shape[axis]) {
    for (int i = 0; i < axis; ++i) outer *= shape[i];
    for (int i = axis + 1; i < shape.rank(); ++i) inner *= shape[i];
  }
  std::int64_t outer = 1, n, inner = 1;
};

/// entry(begin) + ... + entry(begin + n - 1), pairwise with eight running sums in each block: accurate, vectorisable,
/// and in an order that depends on n only.
template <class T, class Entry>
SIGMAGRAD_MULTIVERSION T sum_entries(std::int64_t begin, std::int64_t n, Entry entry) {
  constexpr std::int64_t lanes = 8, block = 512;
  if (n > block) {
    const std::int64_t half = n / 2 / lanes * lanes;
    return sum_entries<T>(begin, half, entry) + sum_entries<T>(begin + half, n - half, entry);
  }
  T partial[lanes] = {};
  std::int64_t i = begin;
  for (; i + lanes <= begin + n; i += lanes)
    for (std::int64_t lane = 0; lane < lanes; ++lane) partial[lane] += entry(i + lane);
  for (std::int64_t lane = 0; i < begin + n; ++i, ++lane) partial[lane] += entry(i);
  return ((partial[0] + partial[4]) + (partial[1] + partial[5])) +
         ((partial[2] + partial[6]) + (partial[3] + partial[7]));
}

template <class T>
T sum_row(const T* x, std::int64_t n) {
  return sum_entries<T>(0, n, [x](std::int64_t i) { return x[i]; });
}

template <class T>
SIGMAGRAD_MULTIVERSION void sum_axis(T* out, const T* x, const AxisView& view) {
  if (view.inner == 1) {
    for (std::int64_t i = 0; i < view.outer; ++i) out[i] = sum_row(x + i * view.n, view.n);
    return;
  }
  for (std::int64_t i = 0; i < view.outer; ++i, out += view.inner) {
    for (std::int64_t j = 0; j < view.inner; ++j) out[j] = T(0);
    for (std::int64_t k = 0; k < view.n; ++k, x += view.inner)
      for (std::int64_t j = 0; j < view.inner; ++j) out[j] += x[j];
  }
}

/// The best entry along the axis by `better(candidate, best)`, or its position. NaN wins, as in NumPy.
template <class T, class Out, class Better>
void select_axis(Out* out, const T* x, const AxisView& view, bool position, Better better) {
  for (std::int64_t i = 0; i < view.outer; ++i)
    for (std::int64_t j = 0; j < view.inner; ++j) {
      const T* column = x + i * view.n * view.inner + j;
      std::int64_t best = 0;
      for (std::int64_t k = 1; k < view.n; ++k) {
        const T candidate = column[k * view.inner], champion = column[best * view.inner];
        if (champion == champion && (better(candidate, champion) || candidate != candidate)) best = k;
      }
      out[i * view.inner + j] = position ? static_cast<Out>(best) : static_cast<Out>(column[best * view.inner]);
    }
}

}  // namespace sigmagrad::detail
