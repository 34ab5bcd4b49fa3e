// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <sigmagrad/autograd/kernels/reduce.hpp>
#include <sigmagrad/autograd/memory/pool.hpp>
#include <sigmagrad/autograd/tensor/options.hpp>

namespace sigmagrad::engine {

/// The entries of an image's axis under one place of a window: begin, begin + step, ... below end.
struct Span {
  std::int64_t begin, end;
};

/// One axis of an image under a window. `stride` 0 marks windows that cover the axis evenly.
struct PoolAxis {
  std::int64_t size, places, window, stride, padding, dilation;

  Span operator[](std::int64_t i) const {
    if (stride == 0) return {i * size / places, ((i + 1) * size + places - 1) / places};
    const std::int64_t start = i * stride - padding, outside = std::max<std::int64_t>(0, -start);
    return {start + (outside + dilation - 1) / dilation * dilation,
            std::min(size, start + (window - 1) * dilation + 1)};
  }
};

struct Pool {
  std::int64_t images;
  PoolAxis rows, columns;

  std::int64_t pixels() const { return rows.size * columns.size; }
  std::int64_t places() const { return rows.places * columns.places; }

  /// f(image) for each, on the threads of the calling one.
  template <class F>
  void each_image(const F& f) const {
    parallel_for(images, grain_of(pixels()), [&](std::int64_t i, std::int64_t end) {
      for (; i < end; ++i) f(i);
    });
  }
  /// f(place, rows, columns) for each place of one image.
  template <class F>
  void each(F f) const {
    std::int64_t place = 0;
    for (std::int64_t i = 0; i < rows.places; ++i)
      for (std::int64_t j = 0; j < columns.places; ++j) f(place++, rows[i], columns[j]);
  }
};

/// A pixel for each place of each image.
using Pixels = std::vector<std::int32_t, PoolAllocator<std::int32_t>>;

/// The first largest entry under each place, or the first NaN; `chosen`, unless null, says which pixel it is.
template <class T>
void max_pool(T* to, std::int32_t* chosen, const T* x, const Pool& pool) {
  pool.each_image([&](std::int64_t image) {
    const T* const pixels = x + image * pool.pixels();
    pool.each([&](std::int64_t number, const Span& rows, const Span& columns) {
      const std::int64_t place = image * pool.places() + number;
      std::int64_t best = rows.begin * pool.columns.size + columns.begin;
      for (std::int64_t r = rows.begin; r < rows.end; r += pool.rows.dilation)
        for (std::int64_t c = columns.begin; c < columns.end; c += pool.columns.dilation) {
          const std::int64_t at = r * pool.columns.size + c;
          if (!std::isnan(pixels[best]) && !(pixels[at] <= pixels[best])) best = at;
        }
      to[place] = pixels[best];
      if (chosen) chosen[place] = static_cast<std::int32_t>(best);
    });
  });
}

/// What a place of a mean counts for.
template <class T>
T share(const Pool& pool, bool whole, const Span& rows, const Span& columns) {
  return static_cast<T>(whole ? pool.rows.window * pool.columns.window
                              : (rows.end - rows.begin) * (columns.end - columns.begin));
}

/// The means under each place; if `whole`, over the window's size even where part of it is outside.
template <class T>
void average_pool(T* to, const T* x, const Pool& pool, bool whole) {
  constexpr std::int64_t few = 64;
  const std::int64_t width = pool.columns.size;
  pool.each_image([&](std::int64_t image) {
    pool.each([&](std::int64_t place, const Span& rows, const Span& columns) {
      const T* const first = x + image * pool.pixels() + rows.begin * width + columns.begin;
      const std::int64_t height = rows.end - rows.begin, n = columns.end - columns.begin;
      T sum = 0;
      if (height * n <= few)
        for (std::int64_t r = 0; r < height; ++r)
          for (std::int64_t c = 0; c < n; ++c) sum += first[r * width + c];
      else
        sum = sum_entries<T>(0, height, [&](std::int64_t r) { return sum_row(first + r * width, n); });
      to[image * pool.places() + place] = sum / share<T>(pool, whole, rows, columns);
    });
  });
}

/// The transpose of `average_pool`.
template <class T>
void spread_average(T* x, const T* from, const Pool& pool, bool whole) {
  pool.each_image([&](std::int64_t image) {
    T* const pixels = x + image * pool.pixels();
    std::fill_n(pixels, pool.pixels(), T(0));
    pool.each([&](std::int64_t place, const Span& rows, const Span& columns) {
      const T part = from[image * pool.places() + place] / share<T>(pool, whole, rows, columns);
      for (std::int64_t r = rows.begin; r < rows.end; ++r)
        for (std::int64_t c = columns.begin; c < columns.end; ++c) pixels[r * pool.columns.size + c] += part;
    });
  });
}

}  // namespace sigmagrad::engine
