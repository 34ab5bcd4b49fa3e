// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/kernels/gemm.hpp>

#include <algorithm>
#include <atomic>
#include <functional>
#include <type_traits>

#include <cblas.h>

#include <sigmagrad/autograd/kernels/gemm_kernels.hpp>
#include <sigmagrad/autograd/kernels/loops.hpp>
#include <sigmagrad/autograd/memory/scratch.hpp>
#include <sigmagrad/autograd/threads/parallel_for.hpp>

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
  update_entries(c, rest.data(), rest.size(), std::plus<>());
}

// A grain for what makes as many multiplications: vectors make some eight at once.
std::int64_t product_grain(std::int64_t multiplications) { return grain_of(multiplications / 8); }

// Rows or columns [from, to) of a product c, whichever are more, by multiply(part, a, b, c).
template <class T, class Multiply>
void multiply_side(const PartGemm& g, std::int64_t from, std::int64_t to, const T* a, const T* b, T* c,
                   const Multiply& multiply) {
  PartGemm part = g;
  (g.m >= g.n ? part.m : part.n) = to - from;
  if (g.m >= g.n)
    multiply(part, a + from * (g.transpose_a ? 1 : g.lda), b, c + from * g.ldc);
  else
    multiply(part, a, b + from * (g.transpose_b ? g.ldb : 1), c + from);
}

// By the own kernels, where bits do not depend on where a product is cut.
template <class T>
void multiply_in_pieces(const PartGemm& g, std::int64_t count, const T* a, std::int64_t a_step, const T* b,
                        std::int64_t b_step, T* c) {
  static const auto general = kernels<T>(*best().level).general;
  if (count != 1)
    return parallel_for(count, product_grain(g.m * g.n * g.k), [&](std::int64_t i, std::int64_t end) {
      general(g, end - i, a + i * a_step, a_step, b + i * b_step, b_step, c + i * g.m * g.ldc);
    });
  constexpr std::int64_t panel = 48;  // columns that fill the registers in f32
  const std::int64_t grain = std::max(panel, product_grain(std::min(g.m, g.n) * g.k));
  parallel_for(std::max(g.m, g.n), grain, [&](std::int64_t from, std::int64_t to) {
    multiply_side(g, from, to, a, b, c,
                  [](const PartGemm& part, const T* x, const T* y, T* z) { general(part, 1, x, 0, y, 0, z); });
  });
}

// By BLAS, where bits depend on the sizes of a call: a product is cut by its sizes alone.
template <class T, class Blas>
void multiply_by_blas(const PartGemm& g, std::int64_t count, const T* a, std::int64_t a_step, const T* b,
                      std::int64_t b_step, T* c, Blas blas) {
  constexpr std::int64_t least = 256, most_parts = 8;  // a part packs the other operand anew: some hundredths of it
  const std::int64_t side = std::max(g.m, g.n), parts = std::clamp<std::int64_t>(side / least, 1, most_parts);
  parallel_for(count * parts, 1, [&](std::int64_t piece, std::int64_t end) {
    for (; piece < end; ++piece) {
      const std::int64_t i = piece / parts, part = piece % parts;
      multiply_side(g, part * side / parts, (part + 1) * side / parts, a + i * a_step, b + i * b_step,
                    c + i * g.m * g.ldc, [blas](const PartGemm& p, const T* x, const T* y, T* z) {
                      const auto size = [](std::int64_t n) { return static_cast<int>(n); };
                      blas(CblasRowMajor, p.transpose_a ? CblasTrans : CblasNoTrans,
                           p.transpose_b ? CblasTrans : CblasNoTrans, size(p.m), size(p.n), size(p.k), T(1), x,
                           size(p.lda), y, size(p.ldb), T(0), z, size(p.ldc));
                    });
    }
  });
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
  if (own_is_faster(g, level)) return multiply_in_pieces(g, count, a, a_step, b, b_step, c);
  multiply_by_blas(g, count, a, a_step, b, b_step, c, blas);
}

// What is not inlined here is called last: the smallest products, of some tens of instructions, would pay for the
// registers that it saves.
template <class T, class Blas>
[[gnu::noinline]] void multiply_any(const Gemm& g, std::int64_t count, const T* a, std::int64_t a_step, const T* b,
                                    std::int64_t b_step, T* c, Blas blas) {
  multiply_long(PartGemm(g), count, a, a_step, b, b_step, c, blas);
}
template <class T, class Square>
[[gnu::noinline]] void spread_squares(Square square, std::int64_t n, std::int64_t count, const T* a,
                                      std::int64_t a_step, const T* b, std::int64_t b_step, T* c) {
  parallel_for(count, product_grain(n * n * n), [=](std::int64_t i, std::int64_t end) {
    square(end - i, a + i * a_step, a_step, b + i * b_step, b_step, c + i * n * n);
  });
}

template <class T>
constinit std::atomic<const GemmKernels<T>*> chosen = nullptr;

template <class T, class Blas>
void multiply(const Gemm& g, std::int64_t count, const T* a, std::int64_t a_step, const T* b, std::int64_t b_step, T* c,
              Blas blas);

template <class T, class Blas>
[[gnu::noinline]] void choose_and_multiply(const Gemm& g, std::int64_t count, const T* a, std::int64_t a_step,
                                           const T* b, std::int64_t b_step, T* c, Blas blas) {
  chosen<T>.store(&kernels<T>(*best().level), std::memory_order_relaxed);
  multiply(g, count, a, a_step, b, b_step, c, blas);
}

template <class T, class Blas>
void multiply(const Gemm& g, std::int64_t count, const T* a, std::int64_t a_step, const T* b, std::int64_t b_step, T* c,
              Blas blas) {
  const GemmKernels<T>* const own = chosen<T>.load(std::memory_order_relaxed);
  if (!own) [[unlikely]]
    return choose_and_multiply(g, count, a, a_step, b, b_step, c, blas);
  if (!(g.m == g.n && g.n == g.k && g.n <= own->largest_square && g.n > 0))
    return multiply_any(g, count, a, a_step, b, b_step, c, blas);
  const auto square = own->square[2 * g.transpose_a + g.transpose_b][g.n - 1];
  if (threads.spread == 1) [[likely]]
    return square(count, a, a_step, b, b_step, c);
  spread_squares(square, g.n, count, a, a_step, b, b_step, c);
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
