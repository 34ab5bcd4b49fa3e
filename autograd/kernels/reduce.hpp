// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/kernels/access.hpp>
#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/kernels/multiversion.hpp>
#include <sigmagrad/autograd/memory/scratch.hpp>
#include <sigmagrad/autograd/threads/parallel_for.hpp>

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

constexpr std::int64_t lanes_of_sums = 8, block_of_sums = 512;

/// entry(begin) + ... + entry(begin + n - 1), pairwise with eight running sums in each block: accurate, vectorisable,
/// and in an order that depends on n only.
template <class T, class Entry>
SIGMAGRAD_MULTIVERSION T sum_entries(std::int64_t begin, std::int64_t n, Entry entry) {
  constexpr std::int64_t lanes = lanes_of_sums, block = block_of_sums;
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

/// That sum of n entries, its first halves on the threads of the calling one if there are more than `grain`.
template <class T, class Entry>
T sum_in_pieces(std::int64_t n, std::int64_t grain, Entry entry) {
  constexpr int most_levels = 6;
  int levels = 0;
  if (threads.spread > 1) {
    const std::int64_t least = 2 * std::max(std::min(grain, threads.most_grain), block_of_sums);
    while (levels < most_levels && n >> levels >= least) ++levels;
  }
  if (levels == 0) return sum_entries<T>(0, n, entry);
  T parts[1 << most_levels];
  parallel_for(std::int64_t{1} << levels, 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) {
      std::int64_t begin = 0, size = n;
      for (int level = levels; level-- > 0;) {
        const std::int64_t half = size / 2 / lanes_of_sums * lanes_of_sums;
        const bool right = (i >> level & 1) != 0;
        begin += right ? half : 0;
        size = right ? size - half : half;
      }
      parts[i] = sum_entries<T>(begin, size, entry);
    }
  });
  for (int count = 1 << levels; count > 1; count /= 2)
    for (int i = 0; i < count / 2; ++i) parts[i] = parts[2 * i] + parts[2 * i + 1];
  return parts[0];
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

/// Sums over one [n, inner] of the view, columns [from, to) of them, of what `entry` makes of a value and its column.
template <class T, class Entry>
[[gnu::always_inline]] inline void sum_slab(T* out, const T* x, const AxisView& view, std::int64_t from,
                                            std::int64_t to, Entry entry) {
  const std::int64_t n = view.n, inner = view.inner;
  const auto sum = [&](const auto& some, std::int64_t at, std::int64_t width) __attribute__((always_inline)) {
    some(out + at, x + at, n, inner, width, [entry, at](T value, std::int64_t j) { return entry(value, at + j); });
  };
  if (view.last)
    *out = sum_entries<T>(0, n, [x, entry](std::int64_t k) { return entry(x[k], 0); });
  else if (n <= rows_in_block<T>)
    sum(
        [](auto... given) __attribute__((always_inline)) { add_rows(given...); }, from, to - from);
  else
    for (std::int64_t at = from; at < to; at += strip)
      sum([](auto... given) { sum_rows(given...); }, at, std::min(strip, to - at));
}

/// f(i, part, from, to) for parts of the view, on the threads of the calling one: columns [from, to) of the sums of
/// `part`, whose first [n, inner] is number i.
template <class F>
void for_parts(const AxisView& view, const F& f) {
  constexpr std::int64_t line = 16;
  if (view.outer >= threads.spread || view.inner == 1)
    parallel_for(view.outer, grain_of(view.n * view.inner), [&](std::int64_t begin, std::int64_t end) {
      AxisView part = view;
      part.outer = end - begin;
      f(begin, part, std::int64_t{0}, view.inner);
    });
  else
    parallel_for(view.inner, std::max(line, grain_of(view.outer * view.n)),
                 [&](std::int64_t from, std::int64_t to) { f(std::int64_t{0}, view, from, to); });
}

template <class T>
SIGMAGRAD_MULTIVERSION void sum_part(T* out, const T* x, const AxisView& view, std::int64_t from, std::int64_t to) {
  if (view.last)
    for (std::int64_t i = 0; i < view.outer; ++i) out[i] = sum_row(x + i * view.n, view.n);
  else
    for (std::int64_t i = 0; i < view.outer; ++i)
      sum_slab(out + i * view.inner, x + i * view.n * view.inner, view, from, to,
               [](T value, std::int64_t) { return value; });
}

template <class T>
void sum_axis(T* out, const T* x, const AxisView& view) {
  if (view.last && view.outer < threads.spread)
    for (std::int64_t i = 0; i < view.outer; ++i)
      out[i] = sum_in_pieces<T>(view.n, entry_grain, [row = x + i * view.n](std::int64_t k) { return row[k]; });
  else
    for_parts(view, [&](std::int64_t i, const AxisView& part, std::int64_t from, std::int64_t to) {
      sum_part(out + i * view.inner, x + i * view.n * view.inner, part, from, to);
    });
}

template <class T>
SIGMAGRAD_MULTIVERSION void squared_deviations_part(T* out, const T* x, T* means, const AxisView& view,
                                                    std::int64_t from, std::int64_t to) {
  for (std::int64_t i = 0; i < view.outer; ++i, out += view.inner, x += view.n * view.inner) {
    sum_slab(means, x, view, from, to, [x](T value, std::int64_t j) { return value - x[j]; });
    for (std::int64_t j = from; j < to; ++j) means[j] /= static_cast<T>(view.n);
    sum_slab(out, x, view, from, to, [x, means](T value, std::int64_t j) {
      const T deviation = (value - x[j]) - means[j];
      return deviation * deviation;
    });
  }
}

/// Sums of squared deviations from the mean. The first entry is taken off before all: equal entries become exact zeros,
/// and the mean of the others is rounded as a number of their spread, not of their size.
template <class T>
void squared_deviations(T* out, const T* x, const AxisView& view) {
  for_parts(view, [&](std::int64_t i, const AxisView& part, std::int64_t from, std::int64_t to) {
    squared_deviations_part(out + i * view.inner, x + i * view.n * view.inner, Scratch<T>(view.inner).data(), part,
                            from, to);
  });
}

template <class T>
SIGMAGRAD_MULTIVERSION void center_part(T* __restrict out, const T* x, T* __restrict means, const AxisView& view,
                                        std::int64_t from, std::int64_t to) {
  const std::int64_t n = view.n, inner = view.inner;
  for (std::int64_t i = 0; i < view.outer; ++i, out += n * inner, x += n * inner) {
    sum_slab(means, x, view, from, to, [x](T value, std::int64_t j) { return value - x[j]; });
    for (std::int64_t j = from; j < to; ++j) {
      means[j] /= static_cast<T>(n);
      if (!std::isfinite(means[j])) means[j] = std::numeric_limits<T>::quiet_NaN();  // wherever the infinity stands
    }
    if (inner == 1)
      for (std::int64_t k = 0; k < n; ++k) out[k] = (x[k] - *x) - *means;
    else
      for (std::int64_t k = 0; k < n; ++k)
        for (std::int64_t j = from; j < to; ++j) out[k * inner + j] = (x[k * inner + j] - x[j]) - means[j];
  }
}

/// x minus its mean, likewise.
template <class T>
void center_axis(T* out, const T* x, const AxisView& view) {
  for_parts(view, [&](std::int64_t i, const AxisView& part, std::int64_t from, std::int64_t to) {
    const std::int64_t before = i * view.n * view.inner;
    center_part(out + before, x + before, Scratch<T>(view.inner).data(), part, from, to);
  });
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
  for_parts(view, [&](std::int64_t first, const AxisView& part, std::int64_t from, std::int64_t to) {
    for (std::int64_t i = first; i < first + part.outer; ++i)
      for (std::int64_t j = from; j < to; ++j) {
        const T* column = x + i * view.n * view.inner + j;
        std::int64_t best = 0;
        for (std::int64_t k = 1; k < view.n; ++k) {
          const T candidate = column[k * view.inner], champion = column[best * view.inner];
          if (!std::isnan(champion) && (better(candidate, champion) || std::isnan(candidate))) best = k;
        }
        out[i * view.inner + j] = position ? static_cast<Out>(best) : static_cast<Out>(column[best * view.inner]);
      }
  });
}

}  // namespace sigmagrad::engine
