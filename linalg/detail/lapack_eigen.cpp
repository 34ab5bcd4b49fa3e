// SPDX-License-Identifier: BSD-3-Clause
// To LAPACK a row-major matrix is its transpose, which has the same eigenvalues; eigenvectors come as rows.
#include <xflens/cxxblas/auxiliary/debugmacro.h>  // cxxlapack uses its ASSERT and forgets to include it
#include <algorithm>
#include <numeric>
#include <sigmagrad/linalg/detail/closed_forms.hpp>
#include <sigmagrad/linalg/detail/lapack.hpp>
#include <sigmagrad/linalg/detail/workspace.hpp>
#include <utility>

#include <xflens/cxxlapack/cxxlapack.cxx>

namespace sigmagrad::linalg::detail {
namespace {

using sigmagrad::detail::fail;

template <class T>
void copy_symmetric_part(const T* a, std::int64_t n, T* to) {
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = 0; j <= i; ++j) to[i * n + j] = to[j * n + i] = a[i * n + j] / 2 + a[j * n + i] / 2;
}

template <class T>
void transpose(T* a, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = 0; j < i; ++j) std::swap(a[i * n + j], a[j * n + i]);
}

/// Divide and conquer, in place: `vectors` holds the matrix before.
template <class T>
int syevd(int n, T* values, T* vectors) {
  thread_local Workspace<T> space;
  const auto call = [&](T* work, int length, int* integers, int count) {
    return cxxlapack::syevd<int>('V', 'L', n, vectors, n, values, work, length, integers, count);
  };
  space.prepare(n, n, [&](T* answer) {
    int integers = 0;
    call(answer, -1, &integers, -1);
  });
  return call(space.work.data(), space.length, space.integers.data(), static_cast<int>(space.integers.size()));
}

/// QR iteration.
template <class T>
int syev(int n, T* values, T* vectors) {
  thread_local Workspace<T> space;
  const auto call = [&](T* work, int length) {
    return cxxlapack::syev<int>('V', 'L', n, vectors, n, values, work, length);
  };
  space.prepare(n, n, [&](T* answer) { call(answer, -1); });
  return call(space.work.data(), space.length);
}

template <class T>
int geev(const T* a, int n, T* real, T* imaginary) {
  thread_local Workspace<T> space;
  const auto call = [&](T* matrix, T* work, int length) {
    return cxxlapack::geev<int>('N', 'N', n, matrix, n, real, imaginary, nullptr, 1, nullptr, 1, work, length);
  };
  space.prepare(n, n, [&](T* answer) { call(nullptr, answer, -1); });
  return call(space.load(a, n, n), space.work.data(), space.length);
}

}  // namespace

template <class T>
void eigh(const T* a, std::int64_t n, T* values, T* vectors) {
  if (n == 0) return;
  check_input("eigh", a, n, n);
  if (n == 2) return eigh_2x2<T>(a[0], a[1] / 2 + a[2] / 2, a[3], values, vectors);
  copy_symmetric_part(a, n, vectors);
  if (syevd(static_cast<int>(n), values, vectors) != 0) {
    copy_symmetric_part(a, n, vectors);
    if (syev(static_cast<int>(n), values, vectors) != 0) fail("eigh: no convergence on a [{}, {}] matrix", n, n);
  }
  transpose(vectors, n);
}

template <class T>
void eigenvalues(const T* a, std::int64_t n, T* pairs) {
  if (n == 0) return;
  check_input("eigvals", a, n, n);
  thread_local std::vector<T> parts;
  thread_local std::vector<std::pair<T, T>> sorted;
  const auto count = static_cast<std::size_t>(n);
  parts.resize(2 * count);
  sorted.resize(count);
  if (geev(a, static_cast<int>(n), parts.data(), parts.data() + n) != 0)
    fail("eigvals: no convergence on a [{}, {}] matrix", n, n);
  for (std::size_t i = 0; i < count; ++i) sorted[i] = {parts[i], -parts[count + i]};
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < count; ++i) {
    pairs[2 * i] = sorted[i].first;
    pairs[2 * i + 1] = -sorted[i].second;
  }
}

template void eigh(const double*, std::int64_t, double*, double*);
template void eigh(const float*, std::int64_t, float*, float*);
template void eigenvalues(const double*, std::int64_t, double*);
template void eigenvalues(const float*, std::int64_t, float*);

}  // namespace sigmagrad::linalg::detail
