// SPDX-License-Identifier: BSD-3-Clause
// LAPACK stores columns. To it a row-major matrix is the transpose, A' = V diag(s) U', whose left vectors in columns
// are our vt and whose right vectors in columns are our u: the factors change places and nothing is transposed.
#include <xflens/cxxblas/auxiliary/debugmacro.h>  // cxxlapack uses its ASSERT and forgets to include it
#include <algorithm>
#include <cmath>
#include <limits>
#include <sigmagrad/autograd/detail/fail.hpp>
#include <sigmagrad/linalg/detail/closed_forms.hpp>
#include <sigmagrad/linalg/detail/lapack.hpp>
#include <vector>

#include <xflens/cxxlapack/cxxlapack.cxx>

namespace sigmagrad::linalg::detail {
namespace {

using sigmagrad::detail::fail;

constexpr double largest_int = std::numeric_limits<int>::max();

/// A routine's memory in one thread, sized for the last shape.
template <class T>
struct Workspace {
  std::vector<T> matrix, work;
  std::vector<int> integers;
  int rows = 0, cols = 0, length = 0;

  /// Copies `a`, which LAPACK overwrites. `ask(answer)` has the routine write the length of work it wants.
  template <class Ask>
  T* load(const T* a, int m, int n, const Ask& ask) {
    if (rows != m || cols != n) {
      T answer = 0;
      ask(&answer);
      length = static_cast<int>(std::nextafter(answer, std::numeric_limits<T>::max()));  // a float may be rounded down
      work.resize(std::max(work.size(), static_cast<std::size_t>(length)));
      matrix.resize(std::max(matrix.size(), static_cast<std::size_t>(m) * static_cast<std::size_t>(n)));
      integers.resize(std::max(integers.size(), 8 * static_cast<std::size_t>(std::min(m, n))));
      rows = m;
      cols = n;
    }
    std::copy_n(a, static_cast<std::size_t>(m) * static_cast<std::size_t>(n), matrix.data());
    return matrix.data();
  }
};

template <class T>
void check(const char* operation, const T* a, std::int64_t rows, std::int64_t cols) {
  // gesdd wants up to 4 k^2 + 7 k entries of work, plus one block of 64 for each row and column.
  const auto k = static_cast<double>(std::min(rows, cols));
  if (4 * k * k + 7 * k + 64.0 * (static_cast<double>(rows) + static_cast<double>(cols)) > largest_int)
    fail("{}: [{}, {}] is beyond LAPACK's 32-bit integers", operation, rows, cols);
  if (!std::all_of(a, a + rows * cols, [](T x) { return std::isfinite(x); }))
    fail("{}: input has non-finite entries", operation);
}

/// Values only (u and vt null): the bidiagonal's values by dqds, each to full relative accuracy. Else vectors too.
template <class T>
int gesvd(const T* a, int rows, int cols, T* u, T* s, T* vt) {
  thread_local Workspace<T> values_only, with_vectors;
  const char job = u ? 'S' : 'N';
  auto& space = u ? with_vectors : values_only;
  const int k = std::min(rows, cols);
  const auto call = [&](T* matrix, T* work, int length) {
    return cxxlapack::gesvd<int>(job, job, cols, rows, matrix, cols, s, vt, cols, u, k, work, length);
  };
  T* const matrix = space.load(a, rows, cols, [&](T* answer) { call(nullptr, answer, -1); });
  return call(matrix, space.work.data(), space.length);
}

template <class T>
int gesdd(const T* a, int rows, int cols, T* u, T* s, T* vt) {
  thread_local Workspace<T> space;
  const int k = std::min(rows, cols);
  const auto call = [&](T* matrix, T* work, int length) {
    return cxxlapack::gesdd<int>('S', cols, rows, matrix, cols, s, vt, cols, u, k, work, length, space.integers.data());
  };
  T* const matrix = space.load(a, rows, cols, [&](T* answer) { call(nullptr, answer, -1); });
  return call(matrix, space.work.data(), space.length);
}

/// For checked input with entries.
template <class T>
void spectrum(const char* operation, const T* a, std::int64_t rows, std::int64_t cols, T* s) {
  if (rows == 1 || cols == 1) {
    s[0] = euclidean_norm(a, rows * cols);
  } else if (rows == 2 && cols == 2) {
    singular_values_2x2(a, s);
  } else if (gesvd<T>(a, static_cast<int>(rows), static_cast<int>(cols), nullptr, s, nullptr) != 0) {
    fail("{}: no convergence on a [{}, {}] matrix", operation, rows, cols);
  }
}

}  // namespace

template <class T>
void singular_values(const T* a, std::int64_t rows, std::int64_t cols, T* s, const char* operation) {
  if (rows == 0 || cols == 0) return;
  check(operation, a, rows, cols);
  spectrum(operation, a, rows, cols, s);
}

template <class T>
void svd(const T* a, std::int64_t rows, std::int64_t cols, T* u, T* s, T* vt) {
  if (rows == 0 || cols == 0) return;
  check("svd", a, rows, cols);
  const int m = static_cast<int>(rows), n = static_cast<int>(cols);
  if (gesdd(a, m, n, u, s, vt) != 0 && gesvd(a, m, n, u, s, vt) != 0)
    fail("svd: no convergence on a [{}, {}] matrix", rows, cols);
  spectrum("svd", a, rows, cols, s);
}

template void singular_values(const double*, std::int64_t, std::int64_t, double*, const char*);
template void singular_values(const float*, std::int64_t, std::int64_t, float*, const char*);
template void svd(const double*, std::int64_t, std::int64_t, double*, double*, double*);
template void svd(const float*, std::int64_t, std::int64_t, float*, float*, float*);

}  // namespace sigmagrad::linalg::detail
