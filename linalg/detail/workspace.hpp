// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include <sigmagrad/autograd/memory/scratch.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::linalg::detail {

/// The array `work` of LAPACK calls. A routine chooses its blocks, and so the order of its sums, by the length it is
/// given: that is a function of the shape alone, and only `run` knows it.
template <class T>
class Workspace {
 public:
  /// Each of `calls` is call(work, length) with the routine's exit code; at length -1 the routine writes the length it
  /// wants to work[0]. `shape` holds all that these lengths depend on. The thread remembers the last answer.
  template <class... Calls>
  explicit Workspace(const std::array<int, 3>& shape, const Calls&... calls)
      : length_(wanted(shape, calls...)), memory_(length_) {}

  template <class Call>
  int run(const Call& call) const {
    return call(memory_.data(), length_);
  }

 private:
  template <class... Calls>
  static int wanted(const std::array<int, 3>& shape, const Calls&... calls) {
    static constinit thread_local struct {
      std::array<int, 3> shape;
      int length;
    } last{{-1, -1, -1}, 0};
    if (last.shape == shape) return last.length;
    int longest = 0;
    const auto ask = [&](const auto& call) {
      T answer = 0;
      call(&answer, -1);
      const T up = std::nextafter(answer, std::numeric_limits<T>::max());  // a float may be rounded down
      longest = std::max(longest, static_cast<int>(up));
    };
    (ask(calls), ...);
    last = {shape, longest};
    return longest;
  }

  int length_;
  engine::Scratch<T> memory_;
};

/// A copy of `a`, which LAPACK overwrites.
template <class T>
class Copy : public engine::Scratch<T> {
 public:
  Copy(const T* a, std::int64_t count) : engine::Scratch<T>(count) { std::copy_n(a, count, this->data()); }
};

/// call(x), or call(y) with y a copy of x on a cache line that is copied back: on some CPUs the order of OpenBLAS's
/// sums depends on the alignment, which would be that of an entry's place in the batch.
template <class T, class Call>
void on_cache_line(T* x, std::int64_t count, const Call& call) {
  if (reinterpret_cast<std::uintptr_t>(x) % 64 == 0) return call(x);
  const Copy<T> copy(x, count);
  call(copy.data());
  std::copy_n(copy.data(), count, x);
}

template <class T>
void check_input(const char* operation, const T* a, std::int64_t rows, std::int64_t cols) {
  // The hungriest routine, gesdd, wants up to 4 k^2 + 7 k entries of work, and a block of 64 for each row and column.
  constexpr double largest_int = std::numeric_limits<int>::max();
  const auto k = static_cast<double>(std::min(rows, cols));
  if (4 * k * k + 7 * k + 64.0 * (static_cast<double>(rows) + static_cast<double>(cols)) > largest_int)
    engine::fail("{}: [{}, {}] is beyond LAPACK's 32-bit integers", operation, rows, cols);
  if (!std::all_of(a, a + rows * cols, [](T x) { return std::isfinite(x); }))
    engine::fail("{}: input has non-finite entries", operation);
}

}  // namespace sigmagrad::linalg::detail
