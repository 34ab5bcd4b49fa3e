// SPDX-License-Identifier: BSD-3-Clause
// Compiled for AVX-512: what is here runs only where the CPU has it.
#if defined(__x86_64__)
#include <immintrin.h>

#include <sigmagrad/autograd/kernels/detail/gemm_avx2.hpp>
#include <sigmagrad/autograd/kernels/detail/gemm_tiles.hpp>

namespace sigmagrad::engine {
namespace {

struct Eight64 {
  using Scalar = double;
  using Vector = __m512d;
  using Mask = __mmask8;
  static constexpr int width = 8, registers = 32;

  static Mask first(Index n) { return static_cast<Mask>((1u << n) - 1); }
  static Vector load(const double* p) { return _mm512_loadu_pd(p); }
  static Vector load(const double* p, Mask mask) { return _mm512_maskz_loadu_pd(mask, p); }
  static void store(double* p, Vector x) { _mm512_storeu_pd(p, x); }
  static void store(double* p, Vector x, Mask mask) { _mm512_mask_storeu_pd(p, mask, x); }
  static Vector broadcast(double x) { return _mm512_set1_pd(x); }
  static Vector fma(Vector a, Vector b, Vector c) { return _mm512_fmadd_pd(a, b, c); }
};

struct Sixteen32 {
  using Scalar = float;
  using Vector = __m512;
  using Mask = __mmask16;
  static constexpr int width = 16, registers = 32;

  static Mask first(Index n) { return static_cast<Mask>((1u << n) - 1); }
  static Vector load(const float* p) { return _mm512_loadu_ps(p); }
  static Vector load(const float* p, Mask mask) { return _mm512_maskz_loadu_ps(mask, p); }
  static void store(float* p, Vector x) { _mm512_storeu_ps(p, x); }
  static void store(float* p, Vector x, Mask mask) { _mm512_mask_storeu_ps(p, mask, x); }
  static Vector broadcast(float x) { return _mm512_set1_ps(x); }
  static Vector fma(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }
};

}  // namespace

constinit const GemmLevel gemm_avx512 = {kernels<Four64, Eight64, 10>(), kernels<Four32, Sixteen32, 10>()};

}  // namespace sigmagrad::engine
#endif
