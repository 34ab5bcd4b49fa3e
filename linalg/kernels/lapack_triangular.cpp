// SPDX-License-Identifier: BSD-3-Clause
// To LAPACK a row-major matrix is the transpose: its upper triangle there is the lower one here, and the LQ form of A'
// is the QR form of A.
#include <algorithm>

#include <xflens/cxxblas/auxiliary/debugmacro.h>  // cxxlapack uses its ASSERT and forgets to include it
#include <xflens/cxxlapack/cxxlapack.cxx>

#include <sigmagrad/linalg/detail/workspace.hpp>
#include <sigmagrad/linalg/kernels/lapack.hpp>

namespace sigmagrad::linalg::detail {

template <class T>
void cholesky(const T* a, std::int64_t n, T* l) {
  if (n == 0) return;
  check_input("cholesky", a, n, n);
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j <= i; ++j) l[i * n + j] = a[i * n + j] / 2 + a[j * n + i] / 2;
    std::fill(l + i * n + i + 1, l + (i + 1) * n, T{0});
  }
  on_cache_line(l, n * n, [n = static_cast<int>(n)](T* matrix) {
    if (cxxlapack::potrf<int>('U', n, matrix, n) != 0) engine::fail("cholesky: matrix is not positive definite");
  });
}

template <class T>
void qr(const T* a, std::int64_t rows, std::int64_t cols, T* q, T* r, const char* operation) {
  if (rows == 0 || cols == 0) return;
  check_input(operation, a, rows, cols);
  const int m = static_cast<int>(rows), n = static_cast<int>(cols), k = std::min(m, n);
  const Copy<T> matrix(a, rows * cols);
  const engine::Scratch<T> tau(k);
  const auto factor = [&](T* work, int length) {
    return cxxlapack::gelqf<int>(n, m, matrix.data(), n, tau.data(), work, length);
  };
  const auto form_q = [&](T* work, int length) {
    return cxxlapack::orglq<int>(k, m, k, matrix.data(), n, tau.data(), work, length);
  };
  const Workspace<T> space({m, n, 0}, factor, form_q);
  space.run(factor);
  for (std::int64_t i = 0; i < k; ++i) {
    std::fill(r + i * cols, r + i * cols + i, T{0});
    std::copy(matrix.data() + i * cols + i, matrix.data() + (i + 1) * cols, r + i * cols + i);
  }
  space.run(form_q);
  for (std::int64_t i = 0; i < rows; ++i) std::copy_n(matrix.data() + i * cols, k, q + i * k);
}

template void cholesky(const double*, std::int64_t, double*);
template void cholesky(const float*, std::int64_t, float*);
template void qr(const double*, std::int64_t, std::int64_t, double*, double*, const char*);
template void qr(const float*, std::int64_t, std::int64_t, float*, float*, const char*);

}  // namespace sigmagrad::linalg::detail
