// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>

namespace sigmagrad::engine {

/// to[m, i, j] = from[m, j, i], where each of `matrices` results is rows x cols, row-major. Blocked for the caches.
template <class T>
void transpose_matrices(T* to, const T* from, std::int64_t matrices, std::int64_t rows, std::int64_t cols) {
  constexpr std::int64_t tile = 16;
  for (std::int64_t m = 0; m < matrices; ++m, to += rows * cols, from += rows * cols)
    for (std::int64_t i0 = 0; i0 < rows; i0 += tile)
      for (std::int64_t j0 = 0; j0 < cols; j0 += tile)
        for (std::int64_t i = i0; i < std::min(i0 + tile, rows); ++i)
          for (std::int64_t j = j0; j < std::min(j0 + tile, cols); ++j) to[i * cols + j] = from[j * rows + i];
}

}  // namespace sigmagrad::engine
