// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/kernels/access.hpp>
#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/kernels/multiversion.hpp>

namespace sigmagrad::engine {

/// A tensor seen as [outer, n, inner] around the axis to reduce.
struct AxisView {
  AxisView(const Shape& shape, int axis) : n(shape[axis]), last(axis + 1 == shape.rank()) {
    for (int i = 0; i < axis; ++i) outer *= shape[i];
    for (int i = axis + 1; i < shape.rank(); ++i) inner *= shape[i];
  }
  std::int64_t outer = 1, n, inner = 1;
  bool last;
};

// A sum along the last axis and one along another have an order each, which depends on nothing but n. In f32 no entry
// goes through more than 64 + log2(n / 64) additions, in f64 through more than 512 + log2(n / 512).

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

/// The most rows that are added one by one.
template <class T>
constexpr std::int64_t rows_in_block = sizeof(T) == sizeof(float) ? 64 : 512;

template <class T, class Entry>
[[gnu::always_inline]] inline void add_rows(T* out, const T* x, std::int64_t n, std::int64_t stride, std::int64_t width,
                                            Entry entry) {
  if (width == 1) {
    T total = 0;
    for (std::int64_t k = 0; k < n; ++k) total += entry(x[k * stride], 0);
    *out = total;
    return;
  }
  for (std::int64_t j = 0; j < width; ++j) out[j] = T(0);
  for (std::int64_t k = 0; k < n; ++k, x += stride)
    for (std::int64_t j = 0; j < width; ++j) out[j] += entry(x[j], j);
}

/// A column of eight blocks, all at once: as one chain of additions it would wait for each.
template <class T, class Entry>
[[gnu::always_inline]] inline T add_eight_blocks(const T* x, Entry entry) {
  constexpr std::int64_t block = rows_in_block<T>;
  T total[8] = {};
  for (std::int64_t k = 0; k < block; ++k)
    for (std::int64_t b = 0; b < 8; ++b) total[b] += entry(x[b * block + k], 0);
  return ((total[0] + total[1]) + (total[2] + total[3])) + ((total[4] + total[5]) + (total[6] + total[7]));
}

constexpr std::int64_t strip = 1024;  // columns

/// out[j] = entry(x[0, j], j) + ... + entry(x[n - 1, j], j) for `width` columns, at most a strip: pairwise over blocks
/// of rows, with a power of two of them on the left.
template <class T, class Entry>
SIGMAGRAD_MULTIVERSION void sum_rows(T* out, const T* x, std::int64_t n, std::int64_t stride, std::int64_t width,
                                     Entry entry) {
  constexpr std::int64_t block = rows_in_block<T>;
  if (n <= block) return add_rows(out, x, n, stride, width, entry);
  if (n == 8 * block && stride == 1) return void(*out = add_eight_blocks(x, entry));
  const auto left = block * static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>((n - 1) / block)));
  T rest[strip];
  sum_rows(out, x, left, stride, width, entry);
  sum_rows(rest, x + left * stride, n - left, stride, width, entry);
  for (std::int64_t j = 0; j < width; ++j) out[j] += rest[j];
}

/// The sums over one [n, inner] of the view, of what `entry` makes of a value and its column.
template <class T, class Entry>
[[gnu::always_inline]] inline void sum_slab(T* out, const T* x, const AxisView& view, Entry entry) {
  const std::int64_t n = view.n, inner = view.inner;
  if (view.last)
    *out = sum_entries<T>(0, n, [x, entry](std::int64_t k) { return entry(x[k], 0); });
  else if (n <= rows_in_block<T>)
    add_rows(out, x, n, inner, inner, entry);
  else
    for (std::int64_t at = 0; at < inner; at += strip)
      sum_rows(out + at, x + at, n, inner, std::min(strip, inner - at),
               [entry, at](T value, std::int64_t j) { return entry(value, at + j); });
}

template <class T>
SIGMAGRAD_MULTIVERSION void sum_axis(T* out, const T* x, const AxisView& view) {
  if (view.last)
    for (std::int64_t i = 0; i < view.outer; ++i) out[i] = sum_row(x + i * view.n, view.n);
  else
    for (std::int64_t i = 0; i < view.outer; ++i)
      sum_slab(out + i * view.inner, x + i * view.n * view.inner, view, [](T value, std::int64_t) { return value; });
}

/// Sums of squared deviations from the mean. The first entry is taken off before all: equal entries become exact zeros,
/// and the mean of the others is rounded as a number of their spread, not of their size.
template <class T>
SIGMAGRAD_MULTIVERSION void squared_deviations(T* out, const T* x, T* means, const AxisView& view) {
  for (std::int64_t i = 0; i < view.outer; ++i, out += view.inner, x += view.n * view.inner) {
    sum_slab(means, x, view, [x](T value, std::int64_t j) { return value - x[j]; });
    for (std::int64_t j = 0; j < view.inner; ++j) means[j] /= static_cast<T>(view.n);
    sum_slab(out, x, view, [x, means](T value, std::int64_t j) {
      const T deviation = (value - x[j]) - means[j];
      return deviation * deviation;
    });
  }
}

/// x minus its mean, likewise.
template <class T>
SIGMAGRAD_MULTIVERSION void center_axis(T* __restrict out, const T* x, T* __restrict means, const AxisView& view) {
  const std::int64_t n = view.n, inner = view.inner;
  for (std::int64_t i = 0; i < view.outer; ++i, out += n * inner, x += n * inner) {
    sum_slab(means, x, view, [x](T value, std::int64_t j) { return value - x[j]; });
    for (std::int64_t j = 0; j < inner; ++j) {
      means[j] /= static_cast<T>(n);
      if (!std::isfinite(means[j])) means[j] = std::numeric_limits<T>::quiet_NaN();  // wherever the infinity stands
    }
    if (inner == 1)
      for (std::int64_t k = 0; k < n; ++k) out[k] = (x[k] - *x) - *means;
    else
      for (std::int64_t k = 0; k < n; ++k)
        for (std::int64_t j = 0; j < inner; ++j) out[k * inner + j] = (x[k * inner + j] - x[j]) - means[j];
  }
}

/// to[k] = base + x[0] + ... + x[k] for entries `step` apart; returns x[0] + ... + x[n - 1]. Blocks start from pairwise
/// sums of what is before them.
template <class T>
double running_sums(T* to, const T* x, std::int64_t n, std::int64_t step, double base = 0.0) {
  if (n > rows_in_block<double>) {
    const std::int64_t half = n / 2;
    const double first = running_sums(to, x, half, step, base);
    return first + running_sums(to + half * step, x + half * step, n - half, step, base + first);
  }
  double total = 0;
  if (base == 0.0)
    for (std::int64_t k = 0; k < n; ++k) to[k * step] = static_cast<T>(total += static_cast<double>(x[k * step]));
  else
    for (std::int64_t k = 0; k < n; ++k)
      to[k * step] = static_cast<T>(base + (total += static_cast<double>(x[k * step])));
  return total;
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
        if (!std::isnan(champion) && (better(candidate, champion) || std::isnan(candidate))) best = k;
      }
      out[i * view.inner + j] = position ? static_cast<Out>(best) : static_cast<Out>(column[best * view.inner]);
    }
}

}  // namespace sigmagrad::engine
