// SPDX-License-Identifier: BSD-3-Clause
// What training does beside time: memory over a million steps, and work on two threads against one.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sigmagrad/bench/problems.hpp>
#include <string>
#include <thread>
#include <vector>

namespace sigmagrad::bench {
namespace {

/// Resident memory of the process, in kB.
double resident() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6));
  return 0;
}

void memory(benchmark::State& state, Way way) {
  const auto step = library(Completion(2), way);
  for (int i = 0; i < 1000; ++i) (*step)();
  const double before = resident();
  for (auto _ : state) (*step)();
  state.counters["before_kB"] = before;
  state.counters["grown_kB"] = resident() - before;
}
BENCHMARK_CAPTURE(memory, completion_d2_L3/eager, Way::Eager)->Iterations(1'000'000);
BENCHMARK_CAPTURE(memory, completion_d2_L3/captured, Way::Captured)->Iterations(1'000'000);

/// Each thread makes its own model, for a captured step belongs to a thread. Seconds from the first start of a loop to
/// the last end.
double seconds_on(int threads, int d, Way way, int steps) {
  using Clock = std::chrono::steady_clock;
  std::vector<Clock::time_point> starts(static_cast<std::size_t>(threads)), ends(starts.size());
  {
    std::vector<std::jthread> running;
    for (std::size_t i = 0; i < starts.size(); ++i)
      running.emplace_back([&, i] {
        const auto step = library(Completion(d), way);
        for (int warm = 0; warm < 100; ++warm) (*step)();
        starts[i] = Clock::now();
        for (int s = 0; s < steps; ++s) (*step)();
        ends[i] = Clock::now();
      });
  }
  const auto first = *std::min_element(starts.begin(), starts.end());
  return std::chrono::duration<double>(*std::max_element(ends.begin(), ends.end()) - first).count();
}

/// `scaling`: the work done in a time by two threads over that by one, 2 where they do not hinder each other.
void threads(benchmark::State& state, int d, Way way) {
  constexpr int steps = 20'000;
  double one = 0, two = 0;
  for (auto _ : state) {
    one += seconds_on(1, d, way, steps);
    two += seconds_on(2, d, way, steps);
  }
  state.counters["scaling"] = 2 * one / two;
}
BENCHMARK_CAPTURE(threads, completion_d2_L3/eager, 2, Way::Eager)->Iterations(5)->UseRealTime();
BENCHMARK_CAPTURE(threads, completion_d2_L3/captured, 2, Way::Captured)->Iterations(5)->UseRealTime();
BENCHMARK_CAPTURE(threads, completion_d10_L3/eager, 10, Way::Eager)->Iterations(5)->UseRealTime();
BENCHMARK_CAPTURE(threads, completion_d10_L3/captured, 10, Way::Captured)->Iterations(5)->UseRealTime();

}  // namespace
}  // namespace sigmagrad::bench
