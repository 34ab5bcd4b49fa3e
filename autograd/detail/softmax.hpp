// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <sigmagrad/autograd/detail/reduce.hpp>

namespace sigmagrad::detail {

/// A line x[0], x[stride], ... of logits. Its softmax is computed from the distances to the largest entry, the leader:
/// exp(distance) over 1 + rest, where `rest` is the sum over the others alone. Hence nothing overflows, large entries
/// do not cancel, and log1p(rest) keeps what is small against the leader's 1.
template <class T>
class Logits {
 public:
  Logits(const T* x, std::int64_t n, std::int64_t stride) : x_(x), n_(n), stride_(stride) {
    for (std::int64_t k = 1; k < n; ++k)
      if (entry(leader_) < entry(k)) leader_ = k;
    shift_ = std::max(entry(leader_), std::numeric_limits<T>::lowest());
  }

  T largest() const { return entry(leader_); }
  /// x_k - largest, but 0 between two of +inf, and -inf in a line of -inf alone.
  T distance(std::int64_t k) const { return leads(k) ? T(0) : entry(k) - shift_; }
  /// Whether the entry is a largest one. None is in a line of -inf alone.
  bool leads(std::int64_t k) const { return entry(k) == shift_; }

  T rest() const {
    return sum_entries<T>(0, n_, [*this](std::int64_t k) { return k == leader_ ? T(0) : std::exp(distance(k)); });
  }
  /// Writes exp(distance) to a line of the same stride and returns the rest.
  T exponentials(T* out) const {
    for (std::int64_t k = 0; k < n_; ++k) out[k * stride_] = k == leader_ ? T(0) : std::exp(distance(k));
    const T rest = sum_entries<T>(0, n_, [out, stride = stride_](std::int64_t k) { return out[k * stride]; });
    out[leader_ * stride_] = std::exp(distance(leader_));
    return rest;
  }

 private:
  T entry(std::int64_t k) const { return x_[k * stride_]; }

  const T* x_;
  std::int64_t n_, stride_, leader_ = 0;
  T shift_;
};

/// The gradient of softmax: y (g - <y, g>), where y is the softmax and g its gradient.
Tensor softmax_gradient(const Tensor& y, const Tensor& grad, int axis);

}  // namespace sigmagrad::detail
