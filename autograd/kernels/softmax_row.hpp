// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/kernels/reduce.hpp>

namespace sigmagrad::engine {

/// The sum of a row's entries but x[k].
template <class T>
T sum_of_others(const T* x, std::int64_t n, std::int64_t k) {
  return sum_entries<T>(0, n, [=](std::int64_t i) { return i == k ? T(0) : x[i]; });
}

/// The softmax of a row of logits x, from the distances to its largest entry: exp(distance) over 1 + rest, where `rest`
/// is the sum over the other entries alone. Hence nothing overflows, large entries do not cancel, and log1p(rest) keeps
/// what is small against the 1.
template <class T>
class SoftmaxRow {
 public:
  /// Writes the softmax to y.
  SoftmaxRow(T* y, const T* x, std::int64_t n) : largest_(x[0]) {
    std::int64_t leader = 0;
    for (std::int64_t k = 1; k < n; ++k) {
      leader = largest_ < x[k] ? k : leader;
      largest_ = largest_ < x[k] ? x[k] : largest_;
    }
    shift_ = std::max(largest_, std::numeric_limits<T>::lowest());
    for (std::int64_t k = 0; k < n; ++k) y[k] = std::exp(distance(x[k]));
    rest_ = sum_of_others(y, n, leader);
    for (std::int64_t k = 0; k < n; ++k) y[k] /= T(1) + rest_;
  }

  T largest() const { return largest_; }
  /// x - largest, but 0 between two of +inf, and -inf in a row of -inf alone.
  T distance(T x) const { return x == shift_ ? T(0) : x - shift_; }
  /// logsumexp(row) - largest.
  T norm() const { return std::log1p(rest_); }

 private:
  T largest_, shift_, rest_;
};

}  // namespace sigmagrad::engine
