// SPDX-License-Identifier: BSD-3-Clause
// The exact flow of balanced networks: Q Q' at n = 8 for 1000 times, and at n = 128 for 100.
#include <vector>

#include <benchmark/benchmark.h>

#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/theory/balanced_dynamics.hpp>

namespace sigmagrad::bench {
namespace {

void balanced_qqt(benchmark::State& state, theory::BalancedMethod method) {
  const std::int64_t n = state.range(0), count = state.range(1);
  Generator generator(1);
  const auto [W1, W2] = theory::lambda_balanced(0.5, {n, n, n}, {.sigma = 0.1}, generator);
  const theory::BalancedDynamics flow(W1, W2, randn({n, n}, generator), {.method = method});
  std::vector<double> times;
  for (std::int64_t i = 0; i < count; ++i) times.push_back(10.0 * static_cast<double>(i) / static_cast<double>(count));
  for (auto _ : state) benchmark::DoNotOptimize(flow.qqt(times));
}

BENCHMARK_CAPTURE(balanced_qqt, step, theory::BalancedMethod::Step)
    ->Args({8, 1000})
    ->Args({128, 100})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(balanced_qqt, one_shot, theory::BalancedMethod::OneShot)
    ->Args({8, 1000})
    ->Args({128, 10})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sigmagrad::bench
