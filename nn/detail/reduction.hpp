// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/kernels/reduce.hpp>
#include <sigmagrad/nn/losses.hpp>

namespace sigmagrad::detail {

template <class T, class Term>
SIGMAGRAD_MULTIVERSION void write_terms(T* __restrict to, std::int64_t n, Term term) {
  for (std::int64_t i = 0; i < n; ++i) to[i] = term(i);
}

/// What a loss makes of its terms: times * (their sum) / count, or, if it keeps `each`, the terms themselves. It
/// divides, for 1 / count may be rounded.
struct Share {
  double times = 1.0, count = 1.0;
  bool each = false;

  double factor() const { return times / count; }
  /// A new tensor for what becomes of terms of that shape.
  Tensor make_result(const Shape& terms, Dtype dtype) const {
    return each ? engine::make_tensor(terms, dtype) : engine::make_tensor({}, dtype);
  }

  template <class T>
  T of(T sum) const {
    return static_cast<T>(times) * sum / static_cast<T>(count);
  }
  /// Writes the loss of the terms term(0), ..., term(n - 1).
  template <class T, class Term>
  void reduce(T* to, std::int64_t n, Term term) const {
    if (each)
      write_terms(to, n, term);
    else
      *to = of(engine::sum_entries<T>(0, n, term));
  }
};

/// The share of `count` terms. Error, naming the loss, for MeanObserved, which needs a mask.
Share share_of(const char* name, Reduction reduction, std::int64_t count);

/// The loss of terms that are a tensor.
Tensor reduced(const char* name, const Tensor& terms, Reduction reduction);

void check_alike(const char* name, const Tensor& a, const Tensor& b);

}  // namespace sigmagrad::detail
