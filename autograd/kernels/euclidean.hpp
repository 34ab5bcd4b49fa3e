// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/kernels/reduce.hpp>

// Euclidean norms of numbers whose squares leave the range of their type. Ordinary numbers are summed as they are.
namespace sigmagrad::engine {

/// A power of two that brings numbers of the size `largest` near 1.
template <class T>
T scale_for(T largest) {
  constexpr int most = std::numeric_limits<T>::max_exponent - 24;  // so that subnormal numbers have a finite one
  return std::ldexp(T(1), -std::clamp(std::ilogb(largest), -most, most));
}

/// Whether a sum of squares neither overflowed nor may have lost digits of a term that matters.
template <class T>
bool squares_in_range(T squares) {
  using Limits = std::numeric_limits<T>;
  return squares >= Limits::min() / Limits::epsilon() && squares <= Limits::max();
}

/// The length of (x[0], x[stride], ...), n entries whose plain sum of squares is `squares`. Only if that left the range
/// are the entries read again.
template <class T>
T norm_from(T squares, const T* x, std::int64_t n, std::int64_t stride = 1) {
  if (squares_in_range(squares) || std::isnan(squares)) return std::sqrt(squares);
  T largest = 0;
  for (std::int64_t i = 0; i < n; ++i) largest = std::max(largest, std::abs(x[i * stride]));
  if (largest == T(0) || !std::isfinite(largest)) return largest;
  const T scale = scale_for(largest);
  const T sum = sum_entries<T>(0, n, [x, stride, scale](std::int64_t i) {
    const T entry = scale * x[i * stride];
    return entry * entry;
  });
  return std::sqrt(sum) / scale;
}

}  // namespace sigmagrad::engine
