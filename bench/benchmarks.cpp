// SPDX-License-Identifier: BSD-3-Clause
#include <iostream>
#include <span>

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

// `--steps WORKLOAD WAY COUNT` runs so many steps and nothing else, for programs that count instructions.
int run_steps(std::span<char*> arguments) {
  for (const Workload& workload : workloads()) {
    if (arguments.size() != 3 || workload.name != arguments[0]) continue;
    const std::string way = arguments[1];
    const StepFactory& make = way == "limit" ? workload.limit : way == "eager" ? workload.eager : workload.captured;
    if (!make) break;
    const auto step = make();
    for (int i = std::stoi(arguments[2]); i > 0; --i) (*step)();
    return 0;
  }
  std::cerr << "--steps: expected WORKLOAD limit|eager|captured COUNT\n";
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && argv[1] == std::string("--steps")) return run_steps({argv + 2, argv + argc});
  for (const Workload& workload : workloads()) {
    add("train/" + workload.name + "/limit", workload.limit);
    add("train/" + workload.name + "/eager", workload.eager);
    add("train/" + workload.name + "/captured", workload.captured);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
