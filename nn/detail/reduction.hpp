// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/kernels/reduce.hpp>
#include <sigmagrad/autograd/memory/scratch.hpp>
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
  /// Writes the loss of the terms term(0), ..., term(n - 1), each of which looks at `entries` entries.
  template <class T, class Term>
  void reduce(T* to, std::int64_t n, Term term, std::int64_t entries = 1) const {
    const auto write = [&](T* terms) {
      engine::parallel_for(n, engine::grain_of(entries), [&](std::int64_t begin, std::int64_t end) {
        write_terms(terms + begin, end - begin, [term, begin](std::int64_t i) { return term(begin + i); });
      });
    };
    if (each) return write(to);
    if (entries == 1 || engine::threads.spread == 1)
      return void(*to = of(engine::sum_in_pieces<T>(n, engine::entry_grain, term)));
    const engine::Scratch<T> terms(n);  // to sum few that are long
    write(terms.data());
    *to = of(engine::sum_row(terms.data(), n));
  }
};

/// The share of `count` terms. Error, naming the loss, for MeanObserved, which needs a mask.
Share share_of(const char* name, Reduction reduction, std::int64_t count);

/// The loss of terms that are a tensor.
Tensor reduced(const char* name, const Tensor& terms, Reduction reduction);

void check_alike(const char* name, const Tensor& a, const Tensor& b);

}  // namespace sigmagrad::detail
