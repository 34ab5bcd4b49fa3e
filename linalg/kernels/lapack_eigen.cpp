// SPDX-License-Identifier: BSD-3-Clause
// To LAPACK a row-major matrix is its transpose, which has the same eigenvalues; eigenvectors come as rows.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>
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

// Eigenvalues of the matrix that LAPACK sees in `a`, which is overwritten, and its right eigenvectors as rows if they
// are asked for: those of a conjugate pair are the first row +- i times the second.
template <class T>
int geev(int n, T* a, T* real, T* imaginary, T* rows = nullptr) {
  const auto call = [&](T* work, int length) {
    return cxxlapack::geev<int>('N', rows ? 'V' : 'N', n, a, n, real, imaginary, nullptr, 1, rows, rows ? n : 1, work,
                                length);
  };
  return Workspace<T>({n, rows ? 1 : 0, 0}, call).run(call);
}

template <class T>
bool is_symmetric(const T* a, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = 0; j < i; ++j)
      if (a[i * n + j] != a[j * n + i]) return false;
  return true;
}

template <class T>
void symmetric_eigenpairs(const T* a, std::int64_t n, T* pairs, T* vectors) {
  const engine::Scratch<T> values(n), real(n * n);
  eigh(a, n, values.data(), real.data());
  for (std::int64_t i = 0; i < n; ++i) pairs[2 * i] = values[i], pairs[2 * i + 1] = 0;
  for (std::int64_t i = 0; i < n * n; ++i) vectors[2 * i] = real[i], vectors[2 * i + 1] = 0;
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
  const Copy<T> matrix(a, n * n);
  if (geev(static_cast<int>(n), matrix.data(), real.data(), imaginary.data()) != 0)
    engine::fail("eigvals: no convergence on a [{}, {}] matrix", n, n);
  for (std::int64_t i = 0; i < n; ++i) sorted[i] = {real[i], -imaginary[i]};
  std::sort(sorted.begin(), sorted.end());
  for (std::int64_t i = 0; i < n; ++i) {
    pairs[2 * i] = sorted[i].first;
    pairs[2 * i + 1] = -sorted[i].second;
  }
}

template <class T>
void eigenpairs(const T* a, std::int64_t n, T* pairs, T* vectors) {
  if (n == 0) return;
  check_input("eig", a, n, n);
  if (is_symmetric(a, n)) return symmetric_eigenpairs(a, n, pairs, vectors);
  const engine::Scratch<T> columns(n * n), real(n), imaginary(n), rows(n * n);
  engine::transpose_matrices(columns.data(), a, 1, n, n);
  if (geev(static_cast<int>(n), columns.data(), real.data(), imaginary.data(), rows.data()) != 0)
    engine::fail("eig: no convergence on a [{}, {}] matrix", n, n);
  const engine::Scratch<std::int64_t> order(n);
  std::iota(order.begin(), order.end(), std::int64_t{0});
  std::sort(order.begin(), order.end(), [&](std::int64_t i, std::int64_t j) {
    return std::tuple(real[i], -imaginary[i], i) < std::tuple(real[j], -imaginary[j], j);
  });
  for (std::int64_t j = 0; j < n; ++j) {
    const std::int64_t from = order[j];
    pairs[2 * j] = real[from];
    pairs[2 * j + 1] = imaginary[from];
    const std::int64_t first = imaginary[from] < 0 ? from - 1 : from;  // of a conjugate pair
    const T side = imaginary[from] == 0 ? T{0} : std::copysign(T{1}, imaginary[from]);
    for (std::int64_t i = 0; i < n; ++i) {
      vectors[2 * (i * n + j)] = rows[first * n + i];
      vectors[2 * (i * n + j) + 1] = side == 0 ? T{0} : side * rows[(first + 1) * n + i];
    }
  }
}

template void eigh(const double*, std::int64_t, double*, double*);
template void eigh(const float*, std::int64_t, float*, float*);
template void eigenvalues(const double*, std::int64_t, double*);
template void eigenvalues(const float*, std::int64_t, float*);
template void eigenpairs(const double*, std::int64_t, double*, double*);
template void eigenpairs(const float*, std::int64_t, float*, float*);

}  // namespace sigmagrad::linalg::detail
