// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <array>
#include <cmath>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/theory/aligned.hpp>
#include <sigmagrad/theory/detail/check.hpp>

// With y = log(a / |s - a|), so that a = s / (1 +- e^-y), tau a' = N a^(2 - 2/N) (s - a) becomes
//   N s^(2 - 2/N) dt/dy = (1 +- e^-y)^p,  p = 1 - 2/N:
// the time is an integral over y of a smooth function, which is 1 once a is s to rounding.
namespace sigmagrad::theory {
namespace {

// Gauss and Legendre's rule with 8 points on [-1, 1].
constexpr std::array<double, 4> nodes = {0.18343464249564980494, 0.52553240991632898582, 0.79666647741362673959,
                                         0.96028985649753623168};
constexpr std::array<double, 4> weights = {0.36268378337836198297, 0.31370664587788728734, 0.22238103445337447054,
                                           0.10122853629037625915};

class Path {
 public:
  Path(int depth, bool below) : p_(1.0 - 2.0 / depth), below_(below) {}

  double slope(double y) const { return std::pow(below_ ? 1 + std::exp(-y) : -std::expm1(-y), p_); }
  double integral(double from, double width) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < nodes.size(); ++i)
      sum += weights[i] * (slope(from + width / 2 * (1 - nodes[i])) + slope(from + width / 2 * (1 + nodes[i])));
    return width / 2 * sum;
  }
  // Where the integral from y has grown by `remaining`, or `beyond` where it is further away than that.
  double end(double y, double remaining) const {
    while (y < beyond) {
      const double width = below_ ? 0.5 : std::min(0.5, y), part = integral(y, width);
      if (part >= remaining) return y + inside(y, width, remaining);
      remaining -= part;
      y += width;
    }
    return y;
  }
  double strength(double s, double y) const { return s / (below_ ? 1 + std::exp(-y) : -std::expm1(-y)); }

  static constexpr double beyond = 40.0;

 private:
  double inside(double y, double width, double wanted) const {
    double low = 0.0, high = width;
    for (int i = 0; i < 60 && low < high; ++i) {
      const double middle = (low + high) / 2;
      (integral(y, middle) < wanted ? low : high) = middle;
    }
    return high;
  }

  double p_;
  bool below_;
};

void check(double s, double a0, int depth, double t) {
  constexpr auto name = "deep_aligned_mode";
  if (!(std::isfinite(s) && s >= 0)) engine::fail("{}: s must be finite and >= 0 (got {})", name, s);
  if (!(std::isfinite(a0) && a0 >= 0)) engine::fail("{}: a0 must be finite and >= 0 (got {})", name, a0);
  if (depth < 1) engine::fail("{}: depth must be >= 1 (got {})", name, depth);
  detail::check_time(name, t);
}

}  // namespace

double deep_aligned_mode(double s, double a0, int depth, double t) {
  check(s, a0, depth, t);
  if (depth == 1) return s + (a0 - s) * std::exp(-t);
  if (a0 == 0 || a0 == s) return a0;
  const double q = 2.0 - 2.0 / depth;
  if (s == 0) return a0 * std::pow(1 + q * depth * t * std::pow(a0, q), -1 / q);
  const bool below = a0 < s;
  const double y = below ? std::log(a0 / (s - a0)) : -std::log1p(-s / a0);  // of a0 / (a0 - s), nearly 1 for small s
  const Path path(depth, below);
  return path.strength(s, path.end(y, depth * std::pow(s, q) * t));
}

}  // namespace sigmagrad::theory
