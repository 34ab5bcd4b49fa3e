// SPDX-License-Identifier: BSD-3-Clause
// The hand-written loops beside second formulations of the same steps: `limit_over_second` above 1.15 says that the
// first is not as fast as a loop can be.
#include <benchmark/benchmark.h>

#include <sigmagrad/bench/problems.hpp>
#include <sigmagrad/tests/bench/reference.hpp>

namespace sigmagrad::bench {
namespace {

template <class Problem>
Workload pair(int d) {
  return {.name = "pair",
          .limit = [d] { return reference::limit(Problem(d)); },
          .eager = [d] { return limit(Problem(d)); },
          .captured = {}};
}

void reference_loop(benchmark::State& state, const Workload& loops) {
  WorkloadResult result;
  for (auto _ : state) {
    result = measure(loops, 1);
    state.SetIterationTime(*result.limit_us * 1e-6);
  }
  state.counters["limit_over_second"] = *result.eager_ratio;
}
BENCHMARK_CAPTURE(reference_loop, completion_d10_L3, pair<Completion>(10))->Iterations(1)->UseManualTime();
BENCHMARK_CAPTURE(reference_loop, regression_d64_B64, pair<Regression>(64))->Iterations(1)->UseManualTime();
BENCHMARK_CAPTURE(reference_loop, ensemble300_d10_L3, pair<Ensemble>(10))->Iterations(1)->UseManualTime();

}  // namespace
}  // namespace sigmagrad::bench
