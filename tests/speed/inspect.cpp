// SPDX-License-Identifier: BSD-3-Clause
// The summary of a random f32 matrix, beside LAPACK's dgesdd without vectors on its f64 copy; the fit of a power law to
// so many values, alone and with its interval and p-value; the leading values by Lanczos's method.
#include <algorithm>
#include <vector>

#include <benchmark/benchmark.h>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/random/random.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/inspect.hpp>

extern "C" void dgesdd_(const char* job, const int* m, const int* n, double* a, const int* lda, double* s, double* u,
                        const int* ldu, double* vt, const int* ldvt, double* work, const int* lwork, int* iwork,
                        int* info);

namespace sigmagrad::bench {
namespace {

Tensor normal_matrix(std::int64_t rows, std::int64_t cols) {
  Generator generator(1);
  return randn({rows, cols}, generator, f32);
}

void inspect_matrix(benchmark::State& state) {
  const Tensor w = normal_matrix(state.range(0), state.range(1));
  for (auto _ : state) benchmark::DoNotOptimize(inspect(w).s1);
}

void lapack_values(benchmark::State& state) {
  const int m = static_cast<int>(state.range(1)), n = static_cast<int>(state.range(0)), k = std::min(m, n), one = 1;
  const auto w = normal_matrix(state.range(0), state.range(1)).to_vector();
  std::vector<double> s(k), work(1);
  std::vector<int> integers(8 * k);
  int info = 0;
  const auto call = [&](double* a, int length) {
    dgesdd_("N", &m, &n, a, &m, s.data(), nullptr, &one, nullptr, &one, work.data(), &length, integers.data(), &info);
  };
  call(nullptr, -1);
  work.resize(static_cast<std::size_t>(work[0]));
  for (auto _ : state) {
    auto a = w;
    call(a.data(), static_cast<int>(work.size()));
    benchmark::DoNotOptimize(s.data());
  }
}

void inspect_leading(benchmark::State& state) {
  const Tensor w = normal_matrix(state.range(0), state.range(1));
  for (auto _ : state) benchmark::DoNotOptimize(inspect(w, {.full_up_to = 0}).s1);
}

void power_law(benchmark::State& state) {
  Generator generator(1);
  const Tensor values = exp(randn({state.range(0)}, generator));
  const int resamples = static_cast<int>(state.range(1));
  for (auto _ : state) benchmark::DoNotOptimize(linalg::fit_power_law(values, {.resamples = resamples}).alpha);
}

BENCHMARK(inspect_matrix)->Args({384, 384})->Args({1536, 384})->Args({4096, 4096})->Unit(benchmark::kMillisecond);
BENCHMARK(lapack_values)->Args({384, 384})->Args({1536, 384})->Args({4096, 4096})->Unit(benchmark::kMillisecond);
BENCHMARK(inspect_leading)->Args({3000, 2500})->Unit(benchmark::kMillisecond);
BENCHMARK(power_law)->Args({4096, 0})->Args({4096, 200})->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sigmagrad::bench
