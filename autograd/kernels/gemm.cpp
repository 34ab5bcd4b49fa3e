// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/kernels/gemm.hpp>

#include <algorithm>
#include <functional>
#include <type_traits>

#include <cblas.h>

#include <sigmagrad/autograd/kernels/gemm_kernels.hpp>
#include <sigmagrad/autograd/memory/scratch.hpp>

namespace sigmagrad::engine {
namespace {

// Parallel work is done trial by trial: a second level of threads below would only get in the way.
[[maybe_unused]] const bool blas_on_one_thread = (openblas_set_num_threads(1), true);

// The best level of this CPU, and the sides of the largest squares it multiplies faster than OpenBLAS does.
struct Best {
  const GemmLevel* level;
  double largest, largest_transposed_a;
};

// From bench/gemm.cpp with OpenBLAS 0.3.21 on a Xeon of the Cascade Lake family, the lower levels against the kernels
// OpenBLAS has for such CPUs (OPENBLAS_CORETYPE=Haswell, Prescott). All four transposes, f64 and f32.
Best best() {
  const GemmLevels all = gemm_levels();
  if (all.count == 3) return {all.levels[0], 256, 256};
  if (all.count == 2) return {all.levels[0], 128, 64};
  return {all.levels[0], 8, 8};
}

template <class T>
const GemmKernels<T>& kernels(const GemmLevel& level) {
  if constexpr (std::is_same_v<T, double>)
    return level.f64;
  else
    return level.f32;
}

bool own_is_faster(const Gemm& g, const Best& own) {
  const auto m = static_cast<double>(g.m), n = static_cast<double>(g.n), k = static_cast<double>(g.k);
  // A few rows do not pay for the packing of b, a few columns do not fill the vectors.
  constexpr double narrow = 8, small = 16 * 16;
  const double width = std::min(m, n), side = g.transpose_a ? own.largest_transposed_a : own.largest;
  return m * n * k <= (width < narrow ? width * small : side * side * side);
}

template <class T, class Blas>
void multiply_long(const PartGemm& g, std::int64_t count, const T* a, std::int64_t a_step, const T* b,
                   std::int64_t b_step, T* c, Blas blas);

// The first half of every sum, plus the second: errors grow with the logarithm of k.
template <class T, class Blas>
void add_halves(const PartGemm& g, std::int64_t count, const T* a, std::int64_t a_step, const T* b, std::int64_t b_step,
                T* c, Blas blas) {
  PartGemm first = g, second = g;
  first.k = g.k / 2;
  second.k = g.k - first.k;
  const Scratch<T> rest(count * g.m * g.n);
  multiply_long(first, count, a, a_step, b, b_step, c, blas);
  a += first.k * (g.transpose_a ? g.lda : 1);
  b += first.k * (g.transpose_b ? 1 : g.ldb);
  multiply_long(second, count, a, a_step, b, b_step, rest.data(), blas);
  std::transform(rest.begin(), rest.end(), c, c, std::plus<T>());
}

template <class T, class Blas>
void multiply_long(const PartGemm& g, std::int64_t count, const T* a, std::int64_t a_step, const T* b,
                   std::int64_t b_step, T* c, Blas blas) {
  static const Best level = best();
  if (g.k > longest_sum<T>) return add_halves(g, count, a, a_step, b, b_step, c, blas);
  // A column is computed as a row, which fills the vectors: c' = b' a'.
  if (g.n == 1 && g.m > 1) {
    const PartGemm row({1, g.m, g.k, false, !g.transpose_a}, g.k, g.lda);
    return multiply_long(row, count, b, b_step, a, a_step, c, blas);
  }
  if (own_is_faster(g, level)) return kernels<T>(*level.level).general(g, count, a, a_step, b, b_step, c);
  const auto m = static_cast<int>(g.m), n = static_cast<int>(g.n), k = static_cast<int>(g.k);
  for (; count > 0; --count, a += a_step, b += b_step, c += g.m * g.n)
    blas(CblasRowMajor, g.transpose_a ? CblasTrans : CblasNoTrans, g.transpose_b ? CblasTrans : CblasNoTrans, m, n, k,
         T(1), a, static_cast<int>(g.lda), b, static_cast<int>(g.ldb), T(0), c, n);
}

template <class T, class Blas>
void multiply(const Gemm& g, std::int64_t count, const T* a, std::int64_t a_step, const T* b, std::int64_t b_step, T* c,
              Blas blas) {
  static const auto& own = kernels<T>(*best().level);
  if (g.m == g.n && g.n == g.k && g.n <= own.largest_square && g.n > 0)
    own.square[2 * g.transpose_a + g.transpose_b][g.n - 1](count, a, a_step, b, b_step, c);
  else
    multiply_long(PartGemm(g), count, a, a_step, b, b_step, c, blas);
}

template <class T>
void multiply_own(const PartGemm& g, const T* a, const T* b, T* c) {
  static const auto general = kernels<T>(*best().level).general;
  if (g.k <= longest_sum<T>) return general(g, 1, a, 0, b, 0, c);
  PartGemm first = g, second = g;
  first.k = g.k / 2;
  second.k = g.k - first.k;
  second.ldc = g.n;
  second.add = false;
  const Scratch<T> rest(g.m * g.n);
  multiply_own(first, a, b, c);
  multiply_own(second, a + first.k * (g.transpose_a ? g.lda : 1), b + first.k * (g.transpose_b ? 1 : g.ldb),
               rest.data());
  for (std::int64_t i = 0; i < g.m; ++i)
    std::transform(rest.data() + i * g.n, rest.data() + (i + 1) * g.n, c + i * g.ldc, c + i * g.ldc, std::plus<T>());
}

}  // namespace

void multiply_part(const PartGemm& g, const double* a, const double* b, double* c) { multiply_own(g, a, b, c); }

void multiply_part(const PartGemm& g, const float* a, const float* b, float* c) { multiply_own(g, a, b, c); }

GemmLevels gemm_levels() {
  GemmLevels all{};
  const auto add = [&](const char* name, const GemmLevel& level) {
    all.names[all.count] = name;
    all.levels[all.count++] = &level;
  };
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
    add("avx512", gemm_avx512);
  if (avx2) add("avx2", gemm_avx2);
#endif
  add("baseline", gemm_baseline);
  return all;
}

void Gemm::operator()(std::int64_t count, const double* a, std::int64_t a_step, const double* b, std::int64_t b_step,
                      double* c) const {
  multiply(*this, count, a, a_step, b, b_step, c, cblas_dgemm);
}

void Gemm::operator()(std::int64_t count, const float* a, std::int64_t a_step, const float* b, std::int64_t b_step,
                      float* c) const {
  multiply(*this, count, a, a_step, b, b_step, c, cblas_sgemm);
}

}  // namespace sigmagrad::engine
