// SPDX-License-Identifier: BSD-3-Clause
#include <benchmark/benchmark.h>

#include <sigmagrad/bench/workloads.hpp>

namespace {

using namespace sigmagrad::bench;

void add(const std::string& name, const StepFactory& make) {
  if (!make) return;
  benchmark::RegisterBenchmark(name.c_str(), [make](benchmark::State& state) {
    const auto step = make();
    (*step)();
    for (auto _ : state) (*step)();
    state.SetItemsProcessed(state.iterations());
  })->Unit(benchmark::kMicrosecond);
}

}  // namespace

int main(int argc, char** argv) {
  for (const Workload& workload : workloads()) {
    add("train/" + workload.name + "/limit", workload.limit);
    add("train/" + workload.name + "/eager", workload.eager);
    add("train/" + workload.name + "/captured", workload.captured);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
