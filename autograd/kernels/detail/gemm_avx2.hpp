// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include <immintrin.h>

// Vectors of AVX2 and FMA, for the files compiled for them.
namespace sigmagrad::engine {
namespace {

template <class Int>
inline constexpr Int first_lanes[] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};

struct Four64 {
  using Scalar = double;
  using Vector = __m256d;
  using Mask = __m256i;
  static constexpr int width = 4, registers = 16;

  static Mask first(std::int64_t n) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(first_lanes<long long> + 8 - n));
  }
  static Vector load(const double* p) { return _mm256_loadu_pd(p); }
  static Vector load(const double* p, Mask mask) { return _mm256_maskload_pd(p, mask); }
  static void store(double* p, Vector x) { _mm256_storeu_pd(p, x); }
  static void store(double* p, Vector x, Mask mask) { _mm256_maskstore_pd(p, mask, x); }
  static Vector broadcast(double x) { return _mm256_set1_pd(x); }
  static Vector fma(Vector a, Vector b, Vector c) { return _mm256_fmadd_pd(a, b, c); }
};

struct Eight32 {
  using Scalar = float;
  using Vector = __m256;
  using Mask = __m256i;
  static constexpr int width = 8, registers = 16;

  static Mask first(std::int64_t n) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(first_lanes<int> + 8 - n));
  }
  static Vector load(const float* p) { return _mm256_loadu_ps(p); }
  static Vector load(const float* p, Mask mask) { return _mm256_maskload_ps(p, mask); }
  static void store(float* p, Vector x) { _mm256_storeu_ps(p, x); }
  static void store(float* p, Vector x, Mask mask) { _mm256_maskstore_ps(p, mask, x); }
  static Vector broadcast(float x) { return _mm256_set1_ps(x); }
  static Vector fma(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }
};

struct Four32 {
  using Scalar = float;
  using Vector = __m128;
  using Mask = __m128i;
  static constexpr int width = 4, registers = 16;

  static Mask first(std::int64_t n) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(first_lanes<int> + 8 - n));
  }
  static Vector load(const float* p) { return _mm_loadu_ps(p); }
  static Vector load(const float* p, Mask mask) { return _mm_maskload_ps(p, mask); }
  static void store(float* p, Vector x) { _mm_storeu_ps(p, x); }
  static void store(float* p, Vector x, Mask mask) { _mm_maskstore_ps(p, mask, x); }
  static Vector broadcast(float x) { return _mm_set1_ps(x); }
  static Vector fma(Vector a, Vector b, Vector c) { return _mm_fmadd_ps(a, b, c); }
};

}  // namespace
}  // namespace sigmagrad::engine
