// SPDX-License-Identifier: BSD-3-Clause
#include <cblas.h>

#include <sigmagrad/autograd/detail/gemm.hpp>
#include <sigmagrad/autograd/detail/gemm_kernels.hpp>

namespace sigmagrad::detail {
namespace {

// Parallel work is done trial by trial: a second level of threads below would only get in the way.
[[maybe_unused]] const bool blas_on_one_thread = (openblas_set_num_threads(1), true);

const GemmKernels<double>& kernels(double) {
  static const auto& best = gemm_levels().levels[0]->f64;
  return best;
}

const GemmKernels<float>& kernels(float) {
  static const auto& best = gemm_levels().levels[0]->f32;
  return best;
}

// OpenBLAS takes over above as many multiplications as a product of two squares of this size has: CROSS
double crossover(const GemmKernels<double>&, bool) { return 64.0 * 64 * 64; }
double crossover(const GemmKernels<float>&, bool) { return 64.0 * 64 * 64; }

double multiplications(const Gemm& g) {
  return static_cast<double>(g.m) * static_cast<double>(g.n) * static_cast<double>(g.k);
}

template <class T, class Blas>
void multiply(const Gemm& g, std::int64_t count, const T* a, std::int64_t a_step, const T* b, std::int64_t b_step, T* c,
              Blas blas) {
  const auto& own = kernels(T());
  if (g.m == g.n && g.n == g.k && g.n <= own.largest_square && g.n > 0)
    return own.square[2 * g.transpose_a + g.transpose_b][g.n - 1](count, a, a_step, b, b_step, c);
  // A column is computed as a row, which fills the vectors: c' = b' a'.
  if (g.n == 1 && g.m > 1)
    return multiply(Gemm{1, g.m, g.k, !g.transpose_b, !g.transpose_a}, count, b, b_step, a, a_step, c, blas);
  if (multiplications(g) <= crossover(own, g.transpose_b)) return own.general(g, count, a, a_step, b, b_step, c);
  const auto m = static_cast<int>(g.m), n = static_cast<int>(g.n), k = static_cast<int>(g.k);
  for (; count > 0; --count, a += a_step, b += b_step, c += g.m * g.n)
    blas(CblasRowMajor, g.transpose_a ? CblasTrans : CblasNoTrans, g.transpose_b ? CblasTrans : CblasNoTrans, m, n, k,
         T(1), a, g.transpose_a ? m : k, b, g.transpose_b ? k : n, T(0), c, n);
}

}  // namespace

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

}  // namespace sigmagrad::detail
