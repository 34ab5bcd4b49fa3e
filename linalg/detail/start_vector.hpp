// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstdint>

namespace sigmagrad::linalg::detail {

/// Where power iterations start: fixed numbers in [-1/2, 1/2) without a pattern that a matrix is likely to share.
template <class T>
void start_vector(T* x, std::int64_t n) {
  constexpr double golden = 0.6180339887498949;
  for (std::int64_t i = 0; i < n; ++i) {
    const auto k = static_cast<double>(i + 1);
    x[i] = static_cast<T>(golden * k * k - std::floor(golden * k * k) - 0.5);
  }
}

}  // namespace sigmagrad::linalg::detail
