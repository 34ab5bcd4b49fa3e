// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/linalg/detail/zero_pattern.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

namespace sigmagrad::linalg::detail {
namespace {

// exp([[x, 0], [c, y]]) at the lower left: c (e^x - e^y) / (x - y), without cancellation. `power` is the larger of e^x
// and e^y.
double divided_difference(double x, double y, double c, double power) {
  const double most = std::max(x, y), gap = std::abs(x - y);
  const double slope = gap == 0 ? 1.0 : -std::expm1(-gap) / gap;
  if (std::abs(most) < 700) return c * (power * slope);
  const double half = std::exp(0.5 * most);  // e^most may be out of range where the product is not
  return c * slope * half * half;
}

}  // namespace

// For a matrix with few zeros a row or two tell.
bool ZeroPattern::reaches_all(const double* a, std::int64_t row, std::int64_t col) {
  open_.assign(static_cast<std::size_t>(n_), 1);
  order_.assign(1, 0);
  open_[0] = 0;
  for (std::size_t next = 0; next < order_.size() && std::ssize(order_) < n_; ++next)
    for (std::int64_t j = 0; j < n_; ++j)
      if (open_[static_cast<std::size_t>(j)] && a[order_[next] * row + j * col] != 0) {
        open_[static_cast<std::size_t>(j)] = 0;
        order_.push_back(j);
      }
  return std::ssize(order_) == n_;
}

void ZeroPattern::connect(const double* a) {
  const auto rows = static_cast<std::size_t>(n_);
  connected_.resize(rows * rows);
  for (std::size_t i = 0; i < rows * rows; ++i) connected_[i] = a[i] != 0;
  for (std::size_t k = 0; k < rows; ++k) {
    unsigned char* row = connected_.data();
    const unsigned char* const through = row + k * rows;
    row[k * rows + k] = 1;
    for (std::size_t i = 0; i < rows; ++i, row += rows)
      if (i != k && row[k])
        for (std::size_t j = 0; j < rows; ++j) row[j] |= through[j];
  }
}

// What i has paths to includes what those have paths to, so rows with fewer come first; rows that have paths to each
// other stand together.
bool ZeroPattern::find(const double* a, std::int64_t n) {
  n_ = n;
  if (n > 1 && reaches_all(a, n, 1) && reaches_all(a, 1, n)) return false;
  connect(a);
  const auto rows = static_cast<std::size_t>(n);
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

void ZeroPattern::sort(double* x, Matrix& scratch) const {
  std::copy_n(x, n_ * n_, scratch.begin());
  for (const auto i : order_)
    for (const auto j : order_) *x++ = scratch[static_cast<std::size_t>(i * n_ + j)];
}

void ZeroPattern::restore(double* x, bool zeros, Matrix& scratch) const {
  std::copy_n(x, n_ * n_, scratch.begin());
  const double* from = scratch.data();
  for (const auto i : order_)
    for (const auto j : order_) {
      x[i * n_ + j] = zeros && !connected(i, j) ? 0.0 : *from;
      ++from;
    }
}

bool ZeroPattern::on_cycle(std::int64_t i) const {
  for (std::int64_t k = 0; k < n_; ++k)
    if (k != i && connected(i, k) && connected(k, i)) return true;
  return false;
}

bool ZeroPattern::is_only_path(std::int64_t i, std::int64_t j) const {
  if (connected(j, i)) return false;
  for (std::int64_t k = 0; k < n_; ++k)
    if (k != i && k != j && connected(i, k) && connected(k, j)) return false;
  return true;
}

void ZeroPattern::keep(const double* sorted) {
  diagonal_.clear();
  beside_.clear();
  for (std::int64_t i = 0; i < n_; ++i) {
    const auto row = order_[static_cast<std::size_t>(i)];
    if (!on_cycle(row)) diagonal_.push_back({i * (n_ + 1), sorted[i * (n_ + 1)]});
    for (std::int64_t j = 0; j < i; ++j)
      if (sorted[i * n_ + j] != 0 && is_only_path(row, order_[static_cast<std::size_t>(j)]))
        beside_.push_back({i * n_ + j,
                           sorted[i * n_ + j],
                           {j * (n_ + 1), sorted[j * (n_ + 1)]},
                           {i * (n_ + 1), sorted[i * (n_ + 1)]}});
  }
}

void ZeroPattern::correct(double* x, int halvings) const {
  const double factor = std::ldexp(1.0, -halvings);
  for (const auto& [at, a] : diagonal_) x[at] = std::exp(factor * a);
  for (const auto& [at, c, from, to] : beside_)
    x[at] = divided_difference(factor * from.value, factor * to.value, factor * c, std::max(x[from.at], x[to.at]));
}

}  // namespace sigmagrad::linalg::detail
