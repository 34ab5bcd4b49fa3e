// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/detail/tridiagonal.hpp>

#include <algorithm>
#include <cmath>

namespace sigmagrad::linalg::detail {
namespace {

// The pivots of T - x I, q_i = d_i - x - e_i^2 / q_(i-1), are the ratios of its leading minors, all positive exactly
// where x is below the spectrum. At an eigenvalue the last one is zero and its slope -1 / (last entry)^2.
struct Pivots {
  bool positive = true;
  double slope = 1.0;  // of the last, negated: 1 + (e_i / q_(i-1))^2 times the slope before it
};

Pivots pivots(std::span<const double> diagonal, std::span<const double> beside, double sign, double x) {
  Pivots result;
  double pivot = sign * diagonal[0] - x;
  for (std::size_t i = 1; i < diagonal.size() && pivot > 0.0; ++i) {
    const double ratio = beside[i - 1] / pivot;
    result.slope = 1.0 + ratio * ratio * result.slope;
    pivot = sign * diagonal[i] - x - beside[i - 1] * ratio;
  }
  result.positive = pivot > 0.0;
  return result;
}

}  // namespace

RitzValue smallest_of_tridiagonal(std::span<const double> diagonal, std::span<const double> beside, double sign) {
  // Gershgorin's discs below, the smallest diagonal entry above.
  double low = sign * diagonal[0], high = low, size = 0.0;
  for (std::size_t i = 0; i < diagonal.size(); ++i) {
    const double radius = (i > 0 ? std::abs(beside[i - 1]) : 0.0) + (i < beside.size() ? std::abs(beside[i]) : 0.0);
    low = std::min(low, sign * diagonal[i] - radius);
    high = std::min(high, sign * diagonal[i]);
    size = std::max(size, std::abs(diagonal[i]) + radius);
  }
  low -= 1e-15 * size;
  while (high - low > 1e-16 * size) {
    const double middle = low + 0.5 * (high - low);
    if (middle == low || middle == high) break;
    (pivots(diagonal, beside, sign, middle).positive ? low : high) = middle;
  }
  return {low + 0.5 * (high - low), 1.0 / std::sqrt(pivots(diagonal, beside, sign, low).slope)};
}

}  // namespace sigmagrad::linalg::detail
