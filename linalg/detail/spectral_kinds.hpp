// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include <sigmagrad/autograd/tensor/tensor.hpp>

// Odd functions f of the singular values, and their divided differences f[a, b] = (f(a) - f(b))/(a - b) and
// f[a, b, c] = (f[a, b] - f[b, c])/(a - c) in forms that do not cancel where the arguments are equal or nearly so.
// f' = in_units(c) is the function with c^degree f(x) = f'(c x).
namespace sigmagrad::linalg::detail {

/// A singular value, or its negative, and on which side of the function's threshold it lies.
struct Point {
  double x;
  bool kept;
  Point operator-() const { return {-x, kept}; }
};

inline double ratio(double a, double b) { return b == 0.0 ? 0.0 : a / b; }

/// max(s - tau, 0).
struct SoftThreshold {
  static constexpr int degree = 1;
  Scalar tau;

  SoftThreshold in_units(double unit) const { return {unit * tau.now()}; }

  template <class T>
  Point point(const T* s, std::int64_t i) const {
    return {static_cast<double>(s[i]), s[i] > tau.now()};
  }
  double value(Point a) const { return a.kept ? a.x - std::copysign(tau.now(), a.x) : 0.0; }
  double first(Point a, Point b) const {
    if (tau.now() == 0.0) return 1.0;
    if (same_piece(a, b)) return a.kept ? 1.0 : 0.0;
    return ratio(value(a) - value(b), a.x - b.x);
  }
  double second(Point a, Point b, Point c) const {
    if (tau.now() == 0.0 || (same_piece(a, b) && same_piece(b, c))) return 0.0;
    std::array<Point, 3> p{a, b, c};
    std::sort(p.begin(), p.end(), [](Point left, Point right) { return left.x < right.x; });
    return ratio(first(p[1], p[2]) - first(p[0], p[1]), p[2].x - p[0].x);
  }

 private:
  static bool same_piece(Point a, Point b) { return a.kept == b.kept && (!a.kept || (a.x < 0) == (b.x < 0)); }
};

/// s for the largest `rank` values, 0 for the others.
struct Truncation {
  static constexpr int degree = 1;
  std::int64_t rank;

  Truncation in_units(double) const { return *this; }

  template <class T>
  Point point(const T* s, std::int64_t i) const {
    return {static_cast<double>(s[i]), i < rank};
  }
  double value(Point a) const { return a.kept ? a.x : 0.0; }
  double first(Point a, Point b) const {
    if (a.kept == b.kept) return a.kept ? 1.0 : 0.0;
    return a.kept ? ratio(a.x, a.x - b.x) : first(b, a);
  }
  double second(Point a, Point b, Point c) const {
    if (!b.kept && c.kept) std::swap(b, c);
    if (!a.kept) std::swap(a, b);
    if (!b.kept && c.kept) std::swap(b, c);
    if (!a.kept || c.kept) return 0.0;
    return b.kept ? -ratio(ratio(c.x, a.x - c.x), b.x - c.x) : ratio(ratio(a.x, a.x - b.x), a.x - c.x);
  }
};

/// 1 for values above rcond s_1, 0 for the others.
struct Unit {
  static constexpr int degree = 0;
  double rcond;

  Unit in_units(double) const { return *this; }

  template <class T>
  Point point(const T* s, std::int64_t i) const {
    return {static_cast<double>(s[i]), s[i] > rcond * s[0]};
  }
  double value(Point a) const { return a.kept ? std::copysign(1.0, a.x) : 0.0; }
  double first(Point a, Point b) const { return value(a) == value(b) ? 0.0 : ratio(value(a) - value(b), a.x - b.x); }
  double second(Point a, Point b, Point c) const {
    std::array<Point, 3> p{a, b, c};
    std::sort(p.begin(), p.end(), [](Point left, Point right) { return left.x < right.x; });
    return ratio(first(p[1], p[2]) - first(p[0], p[1]), p[2].x - p[0].x);
  }
};

/// 1/s for values above rcond s_1, 0 for the others.
struct Reciprocal {
  static constexpr int degree = -1;
  double rcond;

  Reciprocal in_units(double) const { return *this; }

  template <class T>
  Point point(const T* s, std::int64_t i) const {
    return {static_cast<double>(s[i]), s[i] > rcond * s[0]};
  }
  double value(Point a) const { return a.kept ? 1.0 / a.x : 0.0; }
  double first(Point a, Point b) const {
    if (a.kept && b.kept) return -1.0 / a.x / b.x;
    if (!a.kept) return b.kept ? first(b, a) : 0.0;
    return 1.0 / a.x / (a.x - b.x);
  }
  double second(Point a, Point b, Point c) const {
    if (!b.kept && c.kept) std::swap(b, c);
    if (!a.kept) std::swap(a, b);
    if (!b.kept && c.kept) std::swap(b, c);
    if (!a.kept) return 0.0;
    if (c.kept) return 1.0 / a.x / b.x / c.x;
    if (!b.kept) return 1.0 / a.x / (a.x - b.x) / (a.x - c.x);
    return (c.x - a.x - b.x) / a.x / b.x / (a.x - c.x) / (b.x - c.x);
  }
};

}  // namespace sigmagrad::linalg::detail
