// SPDX-License-Identifier: BSD-3-Clause
// To LAPACK a row-major matrix is its transpose, which has the same eigenvalues; eigenvectors come as rows.
#include <algorithm>
#include <utility>

#include <xflens/cxxblas/auxiliary/debugmacro.h>  // cxxlapack uses its ASSERT and forgets to include it
#include <xflens/cxxlapack/cxxlapack.cxx>

#include <sigmagrad/autograd/kernels/transpose.hpp>
#include <sigmagrad/linalg/detail/closed_forms.hpp>
#include <sigmagrad/linalg/detail/workspace.hpp>
#include <sigmagrad/linalg/kernels/lapack.hpp>

namespace sigmagrad::linalg::detail {
namespace {

template <class T>
void copy_symmetric_part(const T* a, std::int64_t n, T* to) {
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = 0; j <= i; ++j) to[i * n + j] = to[j * n + i] = a[i * n + j] / 2 + a[j * n + i] / 2;
}

// Divide and conquer, in place: `vectors` holds the matrix before.
template <class T>
int syevd(int n, T* values, T* vectors) {
  const engine::Scratch<int> integers(3 + 5 * n);
  const auto call = [&](T* work, int length) {
    return cxxlapack::syevd<int>('V', 'L', n, vectors, n, values, work, length, integers.data(), 3 + 5 * n);
  };
  return Workspace<T>({n, 0, 0}, call).run(call);
}

// QR iteration.
template <class T>
int syev(int n, T* values, T* vectors) {
  const auto call = [&](T* work, int length) {
    return cxxlapack::syev<int>('V', 'L', n, vectors, n, values, work, length);
  };
  return Workspace<T>({n, 0, 0}, call).run(call);
}

template <class T>
int geev(const T* a, int n, T* real, T* imaginary) {
  const Copy<T> matrix(a, std::int64_t{n} * n);
  const auto call = [&](T* work, int length) {
    return cxxlapack::geev<int>('N', 'N', n, matrix.data(), n, real, imaginary, nullptr, 1, nullptr, 1, work, length);
  };
  return Workspace<T>({n, 0, 0}, call).run(call);
}

}  // namespace

template <class T>
void eigh(const T* a, std::int64_t n, T* values, T* vectors) {
  if (n == 0) return;
  check_input("eigh", a, n, n);
  if (n == 2) return eigh_2x2<T>(a[0], a[1] / 2 + a[2] / 2, a[3], values, vectors);
  const engine::Scratch<T> rows(n * n), ascending(n);
  copy_symmetric_part(a, n, rows.data());
  if (syevd(static_cast<int>(n), ascending.data(), rows.data()) != 0) {
    copy_symmetric_part(a, n, rows.data());
    if (syev(static_cast<int>(n), ascending.data(), rows.data()) != 0)
      engine::fail("eigh: no convergence on a [{}, {}] matrix", n, n);
  }
  std::copy(ascending.begin(), ascending.end(), values);
  engine::transpose_matrices(vectors, rows.data(), 1, n, n);
}

template <class T>
void eigenvalues(const T* a, std::int64_t n, T* pairs) {
  if (n == 0) return;
  check_input("eigvals", a, n, n);
  const engine::Scratch<T> real(n), imaginary(n);
  const engine::Scratch<std::pair<T, T>> sorted(n);
  if (geev(a, static_cast<int>(n), real.data(), imaginary.data()) != 0)
    engine::fail("eigvals: no convergence on a [{}, {}] matrix", n, n);
  for (std::int64_t i = 0; i < n; ++i) sorted[i] = {real[i], -imaginary[i]};
  std::sort(sorted.begin(), sorted.end());
  for (std::int64_t i = 0; i < n; ++i) {
    pairs[2 * i] = sorted[i].first;
    pairs[2 * i + 1] = -sorted[i].second;
  }
}

template void eigh(const double*, std::int64_t, double*, double*);
template void eigh(const float*, std::int64_t, float*, float*);
template void eigenvalues(const double*, std::int64_t, double*);
template void eigenvalues(const float*, std::int64_t, float*);

}  // namespace sigmagrad::linalg::detail
