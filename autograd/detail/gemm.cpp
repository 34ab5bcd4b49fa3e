// SPDX-License-Identifier: BSD-3-Clause
#include <cblas.h>

#include <algorithm>
#include <sigmagrad/autograd/detail/gemm.hpp>

namespace sigmagrad::detail {
namespace {

// Parallel work is done trial by trial: a second level of threads below would only get in the way.
[[maybe_unused]] const bool blas_on_one_thread = (openblas_set_num_threads(1), true);

// Up to about this many multiplications a call into BLAS costs more than the product.
constexpr std::int64_t tiny = 6 * 6 * 6;

template <class T>
void tiny_gemm(const Gemm& g, const T* a, const T* b, T* c) {
  const std::int64_t a_row = g.transpose_a ? 1 : g.k, a_col = g.transpose_a ? g.m : 1;
  const std::int64_t b_row = g.transpose_b ? 1 : g.n, b_col = g.transpose_b ? g.k : 1;
  for (std::int64_t i = 0; i < g.m; ++i)
    for (std::int64_t j = 0; j < g.n; ++j) {
      T sum = 0;
      for (std::int64_t p = 0; p < g.k; ++p) sum += a[i * a_row + p * a_col] * b[p * b_row + j * b_col];
      c[i * g.n + j] = sum;
    }
}

template <class T, class Blas>
void multiply(const Gemm& g, const T* a, const T* b, T* c, Blas blas) {
  if (g.m * g.n == 0) return;
  if (g.k == 0) {
    std::fill_n(c, g.m * g.n, T(0));
    return;
  }
  if (g.m * g.n * g.k <= tiny) return tiny_gemm(g, a, b, c);
  const auto m = static_cast<int>(g.m), n = static_cast<int>(g.n), k = static_cast<int>(g.k);
  blas(CblasRowMajor, g.transpose_a ? CblasTrans : CblasNoTrans, g.transpose_b ? CblasTrans : CblasNoTrans, m, n, k,
       T(1), a, g.transpose_a ? m : k, b, g.transpose_b ? k : n, T(0), c, n);
}

}  // namespace

void Gemm::operator()(const double* a, const double* b, double* c) const { multiply(*this, a, b, c, cblas_dgemm); }
void Gemm::operator()(const float* a, const float* b, float* c) const { multiply(*this, a, b, c, cblas_sgemm); }

}  // namespace sigmagrad::detail
