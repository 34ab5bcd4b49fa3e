// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>

#include <sigmagrad/autograd/threads/parallel_for.hpp>

namespace sigmagrad::engine {

/// to[i, j] = from[j, i] for a result of rows x cols, with `step` entries from one of its rows to the next. Blocked for
/// the caches.
template <class T>
void transpose_matrix(T* to, std::int64_t step, const T* from, std::int64_t rows, std::int64_t cols) {
  constexpr std::int64_t tile = 16;
  for (std::int64_t i0 = 0; i0 < rows; i0 += tile)
    for (std::int64_t j0 = 0; j0 < cols; j0 += tile)
      for (std::int64_t i = i0; i < std::min(i0 + tile, rows); ++i)
        for (std::int64_t j = j0; j < std::min(j0 + tile, cols); ++j) to[i * step + j] = from[j * rows + i];
}

/// Each of `matrices` results, one after the other: by matrices on the threads of the calling one.
template <class T>
void transpose_matrices(T* to, const T* from, std::int64_t matrices, std::int64_t rows, std::int64_t cols) {
  parallel_for(matrices, grain_of(rows * cols), [&](std::int64_t m, std::int64_t end) {
    for (; m < end; ++m) transpose_matrix(to + m * rows * cols, cols, from + m * rows * cols, rows, cols);
  });
}

}  // namespace sigmagrad::engine
