// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <sigmagrad/autograd/detail/fail.hpp>
#include <vector>

namespace sigmagrad::linalg::detail {

/// A LAPACK routine's memory in one thread, sized for the last shape.
template <class T>
struct Workspace {
  std::vector<T> matrix, work;
  std::vector<int> integers;
  int rows = -1, cols = -1, length = 0;

  /// `ask(answer)` has the routine write the length of work it wants. There are 8 integers a row or column.
  template <class Ask>
  void prepare(int m, int n, const Ask& ask) {
    if (rows == m && cols == n) return;
    T answer = 0;
    ask(&answer);
    length = static_cast<int>(std::nextafter(answer, std::numeric_limits<T>::max()));  // a float may be rounded down
    work.resize(std::max(work.size(), static_cast<std::size_t>(length)));
    integers.resize(std::max(integers.size(), 8 * static_cast<std::size_t>(std::min(m, n))));
    rows = m;
    cols = n;
  }

  /// A copy of `a`, which LAPACK overwrites.
  T* load(const T* a, int m, int n) {
    const auto count = static_cast<std::size_t>(m) * static_cast<std::size_t>(n);
    matrix.resize(std::max(matrix.size(), count));
    std::copy_n(a, count, matrix.data());
    return matrix.data();
  }
};

template <class T>
void check_input(const char* operation, const T* a, std::int64_t rows, std::int64_t cols) {
  // The hungriest routine, gesdd, wants up to 4 k^2 + 7 k entries of work, and a block of 64 for each row and column.
  constexpr double largest_int = std::numeric_limits<int>::max();
  const auto k = static_cast<double>(std::min(rows, cols));
  if (4 * k * k + 7 * k + 64.0 * (static_cast<double>(rows) + static_cast<double>(cols)) > largest_int)
    sigmagrad::detail::fail("{}: [{}, {}] is beyond LAPACK's 32-bit integers", operation, rows, cols);
  if (!std::all_of(a, a + rows * cols, [](T x) { return std::isfinite(x); }))
    sigmagrad::detail::fail("{}: input has non-finite entries", operation);
}

}  // namespace sigmagrad::linalg::detail
