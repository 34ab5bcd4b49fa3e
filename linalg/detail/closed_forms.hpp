// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

namespace sigmagrad::linalg::detail {

/// A power of two that brings entries of size up to `largest` near 1, so that no square overflows.
inline double scale_for(double largest) { return std::ldexp(1.0, -std::clamp(std::ilogb(largest), -1000, 1000)); }

/// The single singular value of one row or column.
template <class T>
T euclidean_norm(const T* x, std::int64_t n) {
  double largest = 0.0;
  for (std::int64_t i = 0; i < n; ++i) largest = std::max(largest, std::abs(static_cast<double>(x[i])));
  if (largest == 0.0) return T{0};
  const double scale = scale_for(largest);
  double sum = 0.0;
  for (std::int64_t i = 0; i < n; ++i) sum += (scale * x[i]) * (scale * x[i]);
  return static_cast<T>(std::sqrt(sum) / scale);
}

/// a d - b c to an ulp or two, whatever cancels (Kahan): the error of each product is itself a double.
inline double determinant(double a, double b, double c, double d) {
  const double bc = b * c;
  return std::fma(a, d, -bc) - std::fma(b, c, -bc);
}

/// [[a, b], [c, d]]: s1 +- s2 = |(a + d, b - c)|, |(a - d, b + c)| gives s1 by a sum, and s1 s2 = |det| gives s2.
template <class T>
void singular_values_2x2(const T* matrix, T* s) {
  double a = matrix[0], b = matrix[1], c = matrix[2], d = matrix[3];
  const double largest = std::max({std::abs(a), std::abs(b), std::abs(c), std::abs(d)});
  if (largest == 0.0) {
    s[0] = s[1] = T{0};
    return;
  }
  const double scale = scale_for(largest);
  a *= scale, b *= scale, c *= scale, d *= scale;
  const double s1 = 0.5 * (std::hypot(a + d, b - c) + std::hypot(a - d, b + c));
  const double s2 = std::min(std::abs(determinant(a, b, c, d)) / s1, s1);
  s[0] = static_cast<T>(s1 / scale);
  s[1] = static_cast<T>(s2 / scale);
}

}  // namespace sigmagrad::linalg::detail
