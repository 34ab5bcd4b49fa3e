// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include <sigmagrad/autograd/kernels/euclidean.hpp>
#include <sigmagrad/autograd/operations/euclidean.hpp>

namespace sigmagrad::linalg::detail {

/// The single singular value of one row or column.
template <class T>
T euclidean_norm(const T* x, std::int64_t n) {
  double largest = 0.0;
  for (std::int64_t i = 0; i < n; ++i) largest = std::max(largest, std::abs(static_cast<double>(x[i])));
  if (largest == 0.0) return T{0};
  const double scale = engine::scale_for(largest);
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
  const double scale = engine::scale_for(largest);
  a *= scale, b *= scale, c *= scale, d *= scale;
  const double s1 = 0.5 * (std::hypot(a + d, b - c) + std::hypot(a - d, b + c));
  const double s2 = std::min(std::abs(determinant(a, b, c, d)) / s1, s1);
  s[0] = static_cast<T>(s1 / scale);
  s[1] = static_cast<T>(s2 / scale);
}

/// Singular vectors of [[a, b], [c, d]] to s of singular_values_2x2. The matrix is a multiple q of a rotation by
/// atan2(c - b, a + d) plus a multiple r of a reflection at atan2(b + c, a - d); half the sum and half the difference
/// of these angles turn it into diag(q + r, q - r).
template <class T>
void singular_vectors_2x2(const T* matrix, T* u, T* vt) {
  double a = matrix[0], b = matrix[1], c = matrix[2], d = matrix[3];
  const double largest = std::max({std::abs(a), std::abs(b), std::abs(c), std::abs(d)});
  const double scale = largest == 0.0 ? 1.0 : engine::scale_for(largest);
  a *= scale, b *= scale, c *= scale, d *= scale;
  const double rotation = std::atan2(c - b, a + d), reflection = std::atan2(b + c, a - d);
  const double left = 0.5 * (rotation + reflection), right = 0.5 * (rotation - reflection);
  const double side = determinant(a, b, c, d) < 0 ? -1.0 : 1.0;
  u[0] = static_cast<T>(std::cos(left));
  u[1] = static_cast<T>(-side * std::sin(left));
  u[2] = static_cast<T>(std::sin(left));
  u[3] = static_cast<T>(side * std::cos(left));
  vt[0] = vt[3] = static_cast<T>(std::cos(right));
  vt[1] = static_cast<T>(-std::sin(right));
  vt[2] = static_cast<T>(std::sin(right));
}

/// [[a, b], [b, d]] with eigenvalues (a + d)/2 -+ |((a - d)/2, b)|: the larger by a sum, the other as determinant over
/// larger. Eigenvectors in columns.
template <class T>
void eigh_2x2(T a_, T b_, T d_, T* values, T* vectors) {
  double a = a_, b = b_, d = d_;
  const double largest = std::max({std::abs(a), std::abs(b), std::abs(d)});
  const double scale = largest == 0.0 ? 1.0 : engine::scale_for(largest);
  a *= scale, b *= scale, d *= scale;
  const double mean = 0.5 * (a + d), radius = std::hypot(0.5 * (a - d), b);
  const double outer = mean < 0 ? mean - radius : mean + radius;
  const double inner = outer == 0.0 ? 0.0 : determinant(a, b, b, d) / outer;
  values[0] = static_cast<T>(std::min(inner, outer) / scale);
  values[1] = static_cast<T>(std::max(inner, outer) / scale);
  const double angle = 0.5 * std::atan2(b + b, a - d);
  vectors[0] = static_cast<T>(-std::sin(angle));
  vectors[2] = vectors[1] = static_cast<T>(std::cos(angle));
  vectors[3] = static_cast<T>(std::sin(angle));
}

}  // namespace sigmagrad::linalg::detail
