// SPDX-License-Identifier: BSD-3-Clause
// LAPACK stores columns. To it a row-major matrix is the transpose, A' = V diag(s) U', whose left vectors in columns
// are our vt and whose right vectors in columns are our u: the factors change places and nothing is transposed.
#include <xflens/cxxblas/auxiliary/debugmacro.h>  // cxxlapack uses its ASSERT and forgets to include it
#include <algorithm>
#include <sigmagrad/linalg/detail/closed_forms.hpp>
#include <sigmagrad/linalg/detail/lapack.hpp>
#include <sigmagrad/linalg/detail/workspace.hpp>

#include <xflens/cxxlapack/cxxlapack.cxx>

namespace sigmagrad::linalg::detail {
namespace {

using sigmagrad::detail::fail;

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
  space.prepare(rows, cols, [&](T* answer) { call(nullptr, answer, -1); });
  return call(space.load(a, rows, cols), space.work.data(), space.length);
}

template <class T>
int gesdd(const T* a, int rows, int cols, T* u, T* s, T* vt) {
  thread_local Workspace<T> space;
  const int k = std::min(rows, cols);
  const auto call = [&](T* matrix, T* work, int length) {
    return cxxlapack::gesdd<int>('S', cols, rows, matrix, cols, s, vt, cols, u, k, work, length, space.integers.data());
  };
  space.prepare(rows, cols, [&](T* answer) { call(nullptr, answer, -1); });
  return call(space.load(a, rows, cols), space.work.data(), space.length);
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
  check_input(operation, a, rows, cols);
  spectrum(operation, a, rows, cols, s);
}

template <class T>
void svd(const T* a, std::int64_t rows, std::int64_t cols, T* u, T* s, T* vt, const char* operation) {
  if (rows == 0 || cols == 0) return;
  check_input(operation, a, rows, cols);
  const int m = static_cast<int>(rows), n = static_cast<int>(cols);
  if (m == 2 && n == 2)
    singular_vectors_2x2(a, u, vt);
  else if (gesdd(a, m, n, u, s, vt) != 0 && gesvd(a, m, n, u, s, vt) != 0)
    fail("{}: no convergence on a [{}, {}] matrix", operation, rows, cols);
  spectrum(operation, a, rows, cols, s);
}

template void singular_values(const double*, std::int64_t, std::int64_t, double*, const char*);
template void singular_values(const float*, std::int64_t, std::int64_t, float*, const char*);
template void svd(const double*, std::int64_t, std::int64_t, double*, double*, double*, const char*);
template void svd(const float*, std::int64_t, std::int64_t, float*, float*, float*, const char*);

}  // namespace sigmagrad::linalg::detail
