// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <numeric>
#include <sigmagrad/linalg/detail/paths.hpp>
#include <tuple>

namespace sigmagrad::linalg::detail {
namespace {

/// exp([[x, 0], [c, y]]) at the lower left: c (e^x - e^y) / (x - y), without cancellation.
double divided_difference(double x, double y, double c) {
  const double most = std::max(x, y), gap = std::abs(x - y);
  const double slope = gap == 0 ? 1.0 : -std::expm1(-gap) / gap;
  if (std::abs(most) < 700) return c * (std::exp(most) * slope);
  const double half = std::exp(0.5 * most);  // e^most may be out of range where the product is not
  return c * slope * half * half;
}

bool is_full(const double* a, std::int64_t n) {
  for (std::int64_t i = 1; i < n; ++i)
    if (a[i] == 0 || a[i * n] == 0) return false;
  return n > 1;
}

}  // namespace

// What i has paths to includes what those have paths to, so rows with fewer come first; rows that have paths to each
// other stand together.
bool Paths::find(const double* a, std::int64_t n) {
  if (is_full(a, n)) return false;
  n_ = n;
  const auto rows = static_cast<std::size_t>(n);
  connected_.resize(rows * rows);
  for (std::size_t i = 0; i < rows * rows; ++i) connected_[i] = a[i] != 0 || i % (rows + 1) == 0;
  for (std::size_t k = 0; k < rows; ++k)
    for (std::size_t i = 0; i < rows; ++i)
      if (i != k && connected_[i * rows + k])
        for (std::size_t j = 0; j < rows; ++j) connected_[i * rows + j] |= connected_[k * rows + j];
  if (n > 1 && std::all_of(connected_.begin(), connected_.end(), [](unsigned char c) { return c != 0; })) return false;
  order_.resize(rows);
  count_.resize(rows);
  first_.resize(rows);
  std::iota(order_.begin(), order_.end(), std::int64_t{0});
  for (std::size_t i = 0; i < rows; ++i) {
    count_[i] = std::accumulate(&connected_[i * rows], &connected_[i * rows] + n, std::int64_t{0});
    first_[i] = 0;
    while (!connected(order_[i], first_[i]) || !connected(first_[i], order_[i])) ++first_[i];
  }
  const auto key = [&](std::int64_t i) {
    return std::tuple(count_[static_cast<std::size_t>(i)], first_[static_cast<std::size_t>(i)], i);
  };
  std::sort(order_.begin(), order_.end(), [&](std::int64_t i, std::int64_t j) { return key(i) < key(j); });
  return true;
}

void Paths::sort(double* x, Matrix& scratch) const {
  std::copy_n(x, n_ * n_, scratch.begin());
  for (const auto i : order_)
    for (const auto j : order_) *x++ = scratch[static_cast<std::size_t>(i * n_ + j)];
}

void Paths::restore(double* x, bool zeros, Matrix& scratch) const {
  std::copy_n(x, n_ * n_, scratch.begin());
  const double* from = scratch.data();
  for (const auto i : order_)
    for (const auto j : order_) {
      x[i * n_ + j] = zeros && !connected(i, j) ? 0.0 : *from;
      ++from;
    }
}

bool Paths::on_cycle(std::int64_t i) const {
  for (std::int64_t k = 0; k < n_; ++k)
    if (k != i && connected(i, k) && connected(k, i)) return true;
  return false;
}

bool Paths::is_only_path(std::int64_t i, std::int64_t j) const {
  if (connected(j, i)) return false;
  for (std::int64_t k = 0; k < n_; ++k)
    if (k != i && k != j && connected(i, k) && connected(k, j)) return false;
  return true;
}

void Paths::keep(const double* sorted) {
  diagonal_.clear();
  beside_.clear();
  const auto rows = static_cast<std::size_t>(n_);
  for (std::size_t i = 0; i < rows; ++i) {
    if (!on_cycle(order_[i])) diagonal_.push_back({i * rows + i, sorted[i * rows + i], 0.0, 0.0});
    for (std::size_t j = 0; j < i; ++j)
      if (const double c = sorted[i * rows + j]; c != 0 && is_only_path(order_[i], order_[j]))
        beside_.push_back({i * rows + j, sorted[j * rows + j], sorted[i * rows + i], c});
  }
}

void Paths::correct(double* x, int halvings) const {
  const double factor = std::ldexp(1.0, -halvings);
  for (const auto& known : diagonal_) x[known.at] = std::exp(factor * known.x);
  for (const auto& known : beside_)
    x[known.at] = divided_difference(factor * known.x, factor * known.y, factor * known.c);
}

}  // namespace sigmagrad::linalg::detail
