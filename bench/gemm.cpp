// SPDX-License-Identifier: BSD-3-Clause
// Matrix products by the library's kernels beside OpenBLAS: gemm/<who>/<dtype>/<transposes>/<m>x<n>x<k>. The sizes at
// which autograd/kernels/gemm.cpp leaves a product to OpenBLAS are read off here, on an idle machine:
//   sigmagrad_gemm_bench --benchmark_enable_random_interleaving=true --benchmark_repetitions=9
//                        --benchmark_report_aggregates_only=true
// For AVX2, on a CPU that has AVX-512 as well, compare own_avx2 with OPENBLAS_CORETYPE=Haswell.
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

#include <benchmark/benchmark.h>
#include <cblas.h>

#include <sigmagrad/autograd/kernels/gemm.hpp>
#include <sigmagrad/autograd/kernels/gemm_kernels.hpp>

namespace {

template <class T>
using Multiply = std::function<void(const sigmagrad::engine::Gemm&, std::int64_t count, const T* a, const T* b, T* c)>;

template <class T>
void chosen(const sigmagrad::engine::Gemm& g, std::int64_t count, const T* a, const T* b, T* c) {
  g(count, a, g.m * g.k, b, g.k * g.n, c);
}

template <class T>
void openblas(const sigmagrad::engine::Gemm& g, std::int64_t count, const T* a, const T* b, T* c) {
  const auto m = static_cast<int>(g.m), n = static_cast<int>(g.n), k = static_cast<int>(g.k);
  const auto ta = g.transpose_a ? CblasTrans : CblasNoTrans, tb = g.transpose_b ? CblasTrans : CblasNoTrans;
  const int lda = g.transpose_a ? m : k, ldb = g.transpose_b ? k : n;
  for (; count > 0; --count, a += g.m * g.k, b += g.k * g.n, c += g.m * g.n) {
    if constexpr (std::is_same_v<T, double>)
      cblas_dgemm(CblasRowMajor, ta, tb, m, n, k, 1, a, lda, b, ldb, 0, c, n);
    else
      cblas_sgemm(CblasRowMajor, ta, tb, m, n, k, 1, a, lda, b, ldb, 0, c, n);
  }
}

template <class T>
Multiply<T> own(const sigmagrad::engine::GemmLevel& level) {
  const sigmagrad::engine::GemmKernels<T>* kernels;
  if constexpr (std::is_same_v<T, double>)
    kernels = &level.f64;
  else
    kernels = &level.f32;
  return [kernels](const sigmagrad::engine::Gemm& g, std::int64_t count, const T* a, const T* b, T* c) {
    if (g.m == g.n && g.n == g.k && g.n <= kernels->largest_square)
      kernels->square[2 * g.transpose_a + g.transpose_b][g.n - 1](count, a, g.m * g.k, b, g.k * g.n, c);
    else
      kernels->general(g, count, a, g.m * g.k, b, g.k * g.n, c);
  };
}

template <class T>
void add(const std::string& who, const sigmagrad::engine::Gemm& g, std::int64_t count, const Multiply<T>& multiply) {
  const std::string sizes = std::to_string(g.m) + 'x' + std::to_string(g.n) + 'x' + std::to_string(g.k);
  const std::string name = "gemm/" + who + (sizeof(T) == 8 ? "/f64/" : "/f32/") + (g.transpose_a ? 'T' : 'N') +
                           (g.transpose_b ? 'T' : 'N') + '/' + (count > 1 ? std::to_string(count) + 'x' : "") + sizes;
  benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
    std::vector<T> a(static_cast<std::size_t>(count * g.m * g.k), T(0.5));
    std::vector<T> b(static_cast<std::size_t>(count * g.k * g.n), T(0.25));
    std::vector<T> c(static_cast<std::size_t>(count * g.m * g.n));
    for (auto _ : state) {
      multiply(g, count, a.data(), b.data(), c.data());
      benchmark::ClobberMemory();
    }
    state.SetItemsProcessed(state.iterations() * count);
  });
}

template <class T>
void add_all() {
  const auto levels = sigmagrad::engine::gemm_levels();
  for (const bool ta : {false, true})
    for (const bool tb : {false, true}) {
      for (const std::int64_t n : {2, 3, 5, 8, 10, 16, 24, 32, 48, 64, 96, 128, 192}) {
        const sigmagrad::engine::Gemm g{n, n, n, ta, tb};
        for (int i = 0; i < levels.count; ++i)
          add<T>(std::string("own_") + levels.names[i], g, 1, own<T>(*levels.levels[i]));
        add<T>("openblas", g, 1, openblas<T>);
        add<T>("chosen", g, 1, chosen<T>);
      }
      for (const std::int64_t n : {2, 3, 5, 10}) {
        add<T>("batched", {n, n, n, ta, tb}, 300, chosen<T>);
        add<T>("batched_openblas", {n, n, n, ta, tb}, 300, openblas<T>);
      }
      for (const std::int64_t n : {10, 64, 256}) {
        add<T>("chosen", {n, 1, n, ta, tb}, 1, chosen<T>);
        add<T>("openblas", {n, 1, n, ta, tb}, 1, openblas<T>);
      }
    }
}

}  // namespace

int main(int argc, char** argv) {
  openblas_set_num_threads(1);
  add_all<double>();
  add_all<float>();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
