// SPDX-License-Identifier: BSD-3-Clause
// What training does beside time: memory over a million steps, and work on two threads against one.
#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <sigmagrad/bench/workloads.hpp>

namespace sigmagrad::bench {
namespace {

// Resident memory of the process, in kB.
double resident() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6));
  return 0;
}

void memory(benchmark::State& state, const StepFactory& make) {
  const auto step = make();
  for (int i = 0; i < 1000; ++i) (*step)();
  const double before = resident();
  for (auto _ : state) (*step)();
  state.counters["before_kB"] = before;
  state.counters["grown_kB"] = resident() - before;
}

// What a loop on its own thread took.
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

// The model is made where it trains, for a captured step belongs to a thread.
Trained train(const StepFactory& make, int steps) {
  const auto step = make();
  for (int warm = 0; warm < 100; ++warm) (*step)();
  const double seconds = thread_seconds();
  const long waits = thread_waits();
  const auto begin = Trained::Clock::now();
  for (int s = 0; s < steps; ++s) (*step)();
  return {begin, Trained::Clock::now(), thread_seconds() - seconds, thread_waits() - waits};
}

// All of `count` trainings at once, joined: from the first begin to the last end.
Trained train_on(std::size_t count, const StepFactory& make, int steps) {
  std::vector<Trained> each(count);
  {
    std::vector<std::jthread> running;
    for (auto& trained : each) running.emplace_back([&trained, &make, steps] { trained = train(make, steps); });
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

// `scaling`: work in a time of two threads over that of one, 2 where nothing hinders them, other programs included.
// `processor`: a step's processor time with two threads over that with one; `waits`: of the two threads, a step. Both
// tell of shared locks and memory however busy the machine is.
void threads(benchmark::State& state, const StepFactory& make) {
  constexpr int steps = 20'000;
  double one = 0, two = 0, processor_one = 0, processor_two = 0, waits = 0;
  for (auto _ : state) {
    const Trained alone = train_on(1, make, steps), both = train_on(2, make, steps);
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

// Shares nothing at all: its row shows what the machine gives two threads at the moment.
class Arithmetic final : public Step {
 public:
  void operator()() override {
    for (int i = 0; i < 1000; ++i) value_ = 0.999 * value_ + 1e-3;
  }
  double loss() const override { return value_; }
  std::vector<double> parameters() const override { return {value_}; }

 private:
  double value_ = 0;
};

void add_threads(const std::string& name, const StepFactory& make) {
  benchmark::RegisterBenchmark(("threads/" + name).c_str(), threads, make)->Iterations(5)->UseRealTime();
}

// The limit's rows show what BLAS itself shares between threads.
int register_training() {
  add_threads("arithmetic", [] { return std::make_unique<Arithmetic>(); });
  const auto at = [](const std::string& name, std::initializer_list<std::string> ways, const auto& add) {
    for (const Workload& workload : workloads()) {
      if (workload.name != name) continue;
      for (const auto& way : ways)
        add(name + '/' + way, way == "limit" ? workload.limit : way == "eager" ? workload.eager : workload.captured);
    }
  };
  at("completion_d2_L3", {"eager", "captured"}, [](const std::string& name, const StepFactory& make) {
    benchmark::RegisterBenchmark(("memory/" + name).c_str(), memory, make)->Iterations(1'000'000);
  });
  for (const char* name : {"completion_d2_L3", "completion_d10_L3"})
    at(name, {"limit", "eager", "captured"}, add_threads);
  return 0;
}

[[maybe_unused]] const int registered = register_training();

}  // namespace
}  // namespace sigmagrad::bench
