// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/marchenko_pastur.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::linalg {
namespace {

void check_law(const char* operation, bool good_sigma, double sigma, std::int64_t rows, std::int64_t columns) {
  if (rows < 1 || columns < 1) engine::fail("{}: needs a matrix with entries, got [{}, {}]", operation, rows, columns);
  if (!good_sigma) engine::fail("{}: sigma is out of range (got {})", operation, sigma);
}

}  // namespace

double marchenko_pastur_edge(double sigma, std::int64_t rows, std::int64_t columns) {
  check_law("marchenko_pastur_edge", sigma >= 0.0, sigma, rows, columns);
  return sigma * (std::sqrt(static_cast<double>(rows)) + std::sqrt(static_cast<double>(columns)));
}

double marchenko_pastur_density(double s, double sigma, std::int64_t rows, std::int64_t columns) {
  check_law("marchenko_pastur_density", sigma > 0.0 && std::isfinite(sigma), sigma, rows, columns);
  const double m = std::sqrt(static_cast<double>(rows)), n = std::sqrt(static_cast<double>(columns));
  const double x = s / sigma, low = std::abs(m - n), high = m + n;
  if (!(x >= low && x <= high)) return 0.0;
  // A square matrix has low = 0: the density of a quarter circle, finite at s = 0.
  const double inner = low == 0.0 ? 1.0 : std::sqrt((x - low) * (x + low)) / x;
  return std::sqrt((high - x) * (high + x)) * inner /
         (std::numbers::pi * sigma * static_cast<double>(std::min(rows, columns)));
}

}  // namespace sigmagrad::linalg
