// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include <sigmagrad/autograd/kernels/gemm.hpp>

namespace sigmagrad::engine {

/// A product of parts of matrices: lda, ldb and ldc are from row to row of a, b and c as they are stored. With `add`
/// the sums go on from what c holds.
struct PartGemm : Gemm {
  PartGemm(const Gemm& g) : PartGemm(g, g.transpose_a ? g.m : g.k, g.transpose_b ? g.k : g.n) {}
  PartGemm(const Gemm& g, std::int64_t lda_, std::int64_t ldb_) : PartGemm(g, lda_, ldb_, g.n) {}
  PartGemm(const Gemm& g, std::int64_t lda_, std::int64_t ldb_, std::int64_t ldc_, bool add_ = false)
      : Gemm(g), lda(lda_), ldb(ldb_), ldc(ldc_), add(add_) {}

  std::int64_t lda, ldb, ldc;
  bool add;
};

/// The most products that are added one by one; a longer sum is that of two halves.
template <class T>
constexpr std::int64_t longest_sum = sizeof(T) == sizeof(double) ? 65536 : 4096;

/// The product by the kernels below whatever its size: the bits of an entry depend on its row of a, its column of b and
/// on c, and not on how many rows and columns there are.
void multiply_part(const PartGemm& g, const double* a, const double* b, double* c);
void multiply_part(const PartGemm& g, const float* a, const float* b, float* c);

/// The products of one instruction set and entry type. Every entry of a product is one sum over k = 0, 1, ... in that
/// order, whatever its place and the sizes. It starts from zero, or with `add` from what c holds: a product cut along k
/// has the bits of the whole one. The sets with a fused multiply-add agree in every bit.
template <class T>
struct GemmKernels {
  using Square = void (*)(std::int64_t count, const T* a, std::int64_t a_step, const T* b, std::int64_t b_step, T* c);
  using General = void (*)(const PartGemm&, std::int64_t count, const T* a, std::int64_t a_step, const T* b,
                           std::int64_t b_step, T* c);

  static constexpr int most_squares = 10;

  /// square[2 transpose_a + transpose_b][n - 1]: products of n x n matrices, unrolled, for n <= largest_square.
  Square square[4][most_squares];
  std::int64_t largest_square;
  General general;
};

struct GemmLevel {
  GemmKernels<double> f64;
  GemmKernels<float> f32;
};

extern const GemmLevel gemm_baseline;
#if defined(__x86_64__)
extern const GemmLevel gemm_avx2, gemm_avx512;
#endif

/// The levels this CPU can run, the best one first.
struct GemmLevels {
  const char* names[3];
  const GemmLevel* levels[3];
  int count;
};
GemmLevels gemm_levels();

}  // namespace sigmagrad::engine
