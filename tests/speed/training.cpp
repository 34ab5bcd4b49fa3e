// SPDX-License-Identifier: BSD-3-Clause
// What training does beside time: memory over a million steps, and work on two threads against one.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <ctime>
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
BENCHMARK_CAPTURE(memory, completion_d2_L3 / eager, Way::Eager)->Iterations(1'000'000);
BENCHMARK_CAPTURE(memory, completion_d2_L3 / captured, Way::Captured)->Iterations(1'000'000);

/// What a loop on its own thread took.
struct Trained {
  using Clock = std::chrono::steady_clock;
  Clock::time_point begin, end;
  double processor_seconds;
  long waits;  // times that the thread gave up its processor, as one does at a lock that another holds
};

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

long thread_waits() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nvcsw;
}

/// The model is made where it trains, for a captured step belongs to a thread.
Trained train(int d, Way way, int steps) {
  const auto step = library(Completion(d), way);
  for (int warm = 0; warm < 100; ++warm) (*step)();
  const double seconds = thread_seconds();
  const long waits = thread_waits();
  const auto begin = Trained::Clock::now();
  for (int s = 0; s < steps; ++s) (*step)();
  return {begin, Trained::Clock::now(), thread_seconds() - seconds, thread_waits() - waits};
}

/// All of `count` trainings at once, joined: from the first begin to the last end.
Trained train_on(std::size_t count, int d, Way way, int steps) {
  std::vector<Trained> each(count);
  {
    std::vector<std::jthread> running;
    for (auto& trained : each) running.emplace_back([&trained, d, way, steps] { trained = train(d, way, steps); });
  }
  Trained all = each.front();
  for (std::size_t i = 1; i < count; ++i) {
    all.begin = std::min(all.begin, each[i].begin);
    all.end = std::max(all.end, each[i].end);
    all.processor_seconds += each[i].processor_seconds;
    all.waits += each[i].waits;
  }
  return all;
}

/// `scaling`: work in a time of two threads over that of one, 2 where nothing hinders them, other programs included.
/// `processor`: a step's processor time with two threads over that with one; `waits`: of the two threads, a step. Both
/// tell of shared locks and memory however busy the machine is.
void threads(benchmark::State& state, int d, Way way) {
  constexpr int steps = 20'000;
  double one = 0, two = 0, processor_one = 0, processor_two = 0, waits = 0;
  for (auto _ : state) {
    const Trained alone = train_on(1, d, way, steps), both = train_on(2, d, way, steps);
    one += std::chrono::duration<double>(alone.end - alone.begin).count();
    two += std::chrono::duration<double>(both.end - both.begin).count();
    processor_one += alone.processor_seconds;
    processor_two += both.processor_seconds;
    waits += static_cast<double>(both.waits) / (2.0 * steps);
  }
  state.counters["scaling"] = 2 * one / two;
  state.counters["processor"] = processor_two / (2 * processor_one);
  state.counters["waits"] = waits / static_cast<double>(state.iterations());
}
BENCHMARK_CAPTURE(threads, completion_d2_L3 / eager, 2, Way::Eager)->Iterations(5)->UseRealTime();
BENCHMARK_CAPTURE(threads, completion_d2_L3 / captured, 2, Way::Captured)->Iterations(5)->UseRealTime();
BENCHMARK_CAPTURE(threads, completion_d10_L3 / eager, 10, Way::Eager)->Iterations(5)->UseRealTime();
BENCHMARK_CAPTURE(threads, completion_d10_L3 / captured, 10, Way::Captured)->Iterations(5)->UseRealTime();

}  // namespace
}  // namespace sigmagrad::bench
