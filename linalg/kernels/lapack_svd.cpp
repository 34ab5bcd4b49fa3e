// SPDX-License-Identifier: BSD-3-Clause
// LAPACK stores columns. To it a row-major matrix is the transpose, A' = V diag(s) U', whose left vectors in columns
// are our vt and whose right vectors in columns are our u: the factors change places and nothing is transposed.
#include <algorithm>
#include <vector>

#include <xflens/cxxblas/auxiliary/debugmacro.h>  // cxxlapack uses its ASSERT and forgets to include it
#include <xflens/cxxlapack/cxxlapack.cxx>

#include <sigmagrad/linalg/detail/closed_forms.hpp>
#include <sigmagrad/linalg/detail/workspace.hpp>
#include <sigmagrad/linalg/kernels/lapack.hpp>

namespace sigmagrad::linalg::detail {
namespace {

// Values only, of a matrix that is overwritten: the bidiagonal's values by dqds, each to full relative accuracy.
template <class T>
int gesvd_values(T* matrix, int rows, int cols, T* s) {
  const auto call = [&](T* work, int length) {
    return cxxlapack::gesvd<int>('N', 'N', cols, rows, matrix, cols, s, static_cast<T*>(nullptr), cols,
                                 static_cast<T*>(nullptr), std::min(rows, cols), work, length);
  };
  return Workspace<T>({rows, cols, 'N'}, call).run(call);
}

template <class T>
int gesvd(const T* a, int rows, int cols, T* u, T* s, T* vt) {
  const int k = std::min(rows, cols);
  const Copy<T> matrix(a, std::int64_t{rows} * cols);
  const auto call = [&](T* work, int length) {
    return cxxlapack::gesvd<int>('S', 'S', cols, rows, matrix.data(), cols, s, vt, cols, u, k, work, length);
  };
  return Workspace<T>({rows, cols, 'S'}, call).run(call);
}

template <class T>
int gesdd(const T* a, int rows, int cols, T* u, T* s, T* vt) {
  const int k = std::min(rows, cols);
  const Copy<T> matrix(a, std::int64_t{rows} * cols);
  const engine::Scratch<int> integers(8 * k);
  const auto call = [&](T* work, int length) {
    return cxxlapack::gesdd<int>('S', cols, rows, matrix.data(), cols, s, vt, cols, u, k, work, length,
                                 integers.data());
  };
  return Workspace<T>({rows, cols, 0}, call).run(call);
}

// By divide and conquer; by QR iteration where that does not converge.
template <class T>
bool vectors(const T* a, std::int64_t rows, std::int64_t cols, T* u, T* vt) {
  const std::int64_t k = std::min(rows, cols);
  const int m = static_cast<int>(rows), n = static_cast<int>(cols);
  const engine::Scratch<T> left(rows * k), values(k), right(k * cols);
  if (gesdd(a, m, n, left.data(), values.data(), right.data()) != 0 &&
      gesvd(a, m, n, left.data(), values.data(), right.data()) != 0)
    return false;
  std::copy(left.begin(), left.end(), u);
  std::copy(right.begin(), right.end(), vt);
  return true;
}

// For checked input with entries, which is overwritten.
template <class T>
void spectrum(const char* operation, T* a, std::int64_t rows, std::int64_t cols, T* s) {
  if (rows == 1 || cols == 1) {
    s[0] = euclidean_norm(a, rows * cols);
  } else if (rows == 2 && cols == 2) {
    singular_values_2x2(a, s);
  } else {
    const engine::Scratch<T> values(std::min(rows, cols));
    if (gesvd_values(a, static_cast<int>(rows), static_cast<int>(cols), values.data()) != 0)
      engine::fail("{}: no convergence on a [{}, {}] matrix", operation, rows, cols);
    std::copy(values.begin(), values.end(), s);
  }
}

}  // namespace

template <class T>
void singular_values(const T* a, std::int64_t rows, std::int64_t cols, T* s, const char* operation) {
  if (rows == 0 || cols == 0) return;
  check_input(operation, a, rows, cols);
  spectrum(operation, Copy<T>(a, rows * cols).data(), rows, cols, s);
}

template <class T>
void singular_values_in_place(T* a, std::int64_t rows, std::int64_t cols, T* s, const char* operation) {
  if (rows == 0 || cols == 0) return;
  check_input(operation, a, rows, cols);
  spectrum(operation, a, rows, cols, s);
}

void complex_singular_values(std::complex<double>* a, std::int64_t rows, std::int64_t cols, double* s,
                             const char* operation) {
  const int m = static_cast<int>(rows), n = static_cast<int>(cols), k = std::min(m, n);
  const engine::Scratch<double> real(5 * k);
  std::complex<double> nothing;
  const auto call = [&](std::complex<double>* work, int length) {
    return cxxlapack::gesvd<int>('N', 'N', n, m, a, n, s, &nothing, n, &nothing, k, work, length, real.data());
  };
  std::complex<double> wanted;
  call(&wanted, -1);
  const auto length = static_cast<int>(wanted.real());
  std::vector<std::complex<double>> work(static_cast<std::size_t>(length));
  if (call(work.data(), length) != 0) engine::fail("{}: no convergence on a [{}, {}] matrix", operation, rows, cols);
}

template <class T>
void svd(const T* a, std::int64_t rows, std::int64_t cols, T* u, T* s, T* vt, const char* operation) {
  if (rows == 0 || cols == 0) return;
  check_input(operation, a, rows, cols);
  if (rows == 2 && cols == 2)
    singular_vectors_2x2(a, u, vt);
  else if (!vectors(a, rows, cols, u, vt))
    engine::fail("{}: no convergence on a [{}, {}] matrix", operation, rows, cols);
  spectrum(operation, Copy<T>(a, rows * cols).data(), rows, cols, s);
}

template void singular_values(const double*, std::int64_t, std::int64_t, double*, const char*);
template void singular_values(const float*, std::int64_t, std::int64_t, float*, const char*);
template void singular_values_in_place(double*, std::int64_t, std::int64_t, double*, const char*);
template void svd(const double*, std::int64_t, std::int64_t, double*, double*, double*, const char*);
template void svd(const float*, std::int64_t, std::int64_t, float*, float*, float*, const char*);

}  // namespace sigmagrad::linalg::detail
