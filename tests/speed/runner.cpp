// SPDX-License-Identifier: BSD-3-Clause
// What the laboratory adds to its trials: `sigmagrad_bench --benchmark_filter=runner`.
#include <chrono>
#include <ctime>
#include <filesystem>
#include <string>
#include <thread>

#include <benchmark/benchmark.h>

#include <sigmagrad/lab/program/drive.hpp>
#include <sigmagrad/lab/run/trials.hpp>
#include <sigmagrad/tests/support/scratch.hpp>

namespace sigmagrad::lab {
namespace {

using testing::Scratch;
using Clock = std::chrono::steady_clock;

double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

const Real busy{.name = "busy", .help = "seconds of processor time", .quick = {1e-3}};
const Int d{.name = "d", .help = "as other experiments have", .quick = {32, 64}};
const Text optimizer{.name = "optimizer", .help = "as other experiments have", .quick = {"sgd"}};
const Real lr{.name = "lr", .help = "as other experiments have", .quick = {0.01}};

// As many numbers as an experiment of the laboratory measures; `busy` seconds of processor time.
void measure(Trial& t) {
  const double end = thread_seconds() + t[busy];
  double draw = 0;
  t.generator()->normal({&draw, 1});
  while (thread_seconds() < end) continue;
  for (int i = 0; i < 10; ++i) t.record(Quantity{.name = "metric_" + std::to_string(i)}, draw + i);
}

const Register timed{{.id = "bench/timed",
                      .title = "Trials of a known length",
                      .parameters = {busy, d, optimizer, lr},
                      .trials = {.quick = 1},
                      .seconds = {.quick = 1},
                      .trial = measure}};

Plan plan_of(double seconds, std::int64_t trials) {
  Wishes wishes{.ids = {"bench/timed"}, .trials = trials / 2};  // two groups
  wishes.overrides = {{.parameter = "busy", .values = {to_text(Value(seconds))}}};
  return plans(wishes).front();
}

bool never() { return false; }

// Processor time beside the trials, which take none: threads, queue, seeding, results handed over.
void overhead(benchmark::State& state) {
  constexpr std::int64_t trials = 20'000;
  const auto tasks = tasks_of(plan_of(0, trials));
  double seconds = 0;
  for (auto _ : state) {
    const double start = processor_seconds();
    run_tasks(
        tasks, static_cast<int>(state.range(0)), [](std::span<const Finished>) {}, never);
    seconds += processor_seconds() - start;
  }
  state.counters["us_a_trial"] = 1e6 * seconds / static_cast<double>(state.iterations() * trials);
}
BENCHMARK(overhead)->Name("runner/overhead")->ArgName("jobs")->Arg(1)->Arg(2)->Iterations(5)->UseRealTime();

// Processor time of a commit of a thousand trials.
void append(benchmark::State& state) {
  const Scratch scratch;
  constexpr std::int64_t trials = 1000;
  std::vector<Finished> finished;
  for (const Task& task : tasks_of(plan_of(0, trials))) finished.push_back(run_trials({&task, 1}).front());
  int folder = 0;
  double seconds = 0;
  for (auto _ : state) {
    Store store = Store::create(scratch / std::to_string(folder++));
    const double start = processor_seconds();
    store.append(finished);
    seconds += processor_seconds() - start;
  }
  state.counters["us_a_trial"] = 1e6 * seconds / static_cast<double>(state.iterations() * trials);
}
BENCHMARK(append)->Name("runner/append")->Iterations(20)->Unit(benchmark::kMillisecond);

// 10,000 trials of a millisecond on two threads, from nothing to the report. `us_a_trial`: processor time beside the
// trials themselves, commits and report included; `trials_s`: what two free cores need for the trials alone.
void whole(benchmark::State& state) {
  const Scratch scratch;
  constexpr std::int64_t trials = 10'000;
  int folder = 0;
  double seconds = 0;
  for (auto _ : state) {
    const double start = processor_seconds();
    const auto out = scratch / std::to_string(folder++);
    drive({.plans = {plan_of(1e-3, trials)}, .out = out, .jobs = 2, .progress = nullptr});
    seconds += processor_seconds() - start;
  }
  state.counters["us_a_trial"] = 1e6 * seconds / static_cast<double>(state.iterations() * trials) - 1e3;
  state.counters["trials_s"] = 1e-3 * trials / 2;
}
BENCHMARK(whole)->Name("runner/10000_trials_of_1ms")->Iterations(1)->UseRealTime()->Unit(benchmark::kSecond);

// Wall-clock seconds of 2000 trials of a millisecond.
double seconds_on(int jobs, const std::vector<Task>& tasks) {
  const auto start = Clock::now();
  run_tasks(
      tasks, jobs, [](std::span<const Finished>) {}, never);
  return seconds_since(start);
}

// This work without a runner: what the machine gives two threads at the moment.
double bare_seconds(int threads, std::int64_t trials) {
  const auto start = Clock::now();
  {
    std::vector<std::jthread> running;
    for (int i = 0; i < threads; ++i)
      running.emplace_back([=] {
        const double end = thread_seconds() + 1e-3 * static_cast<double>(trials / threads);
        while (thread_seconds() < end) continue;
      });
  }
  return seconds_since(start);
}

// `efficiency`: the time of one thread over twice that of two; `bare`: of the same work without a runner, which is all
// that a machine with other work has to give.
void efficiency(benchmark::State& state) {
  constexpr std::int64_t trials = 2000;
  const auto tasks = tasks_of(plan_of(1e-3, trials));
  double one = 0, two = 0, bare_one = 0, bare_two = 0;
  for (auto _ : state) {
    one += seconds_on(1, tasks);
    two += seconds_on(2, tasks);
    bare_one += bare_seconds(1, trials);
    bare_two += bare_seconds(2, trials);
  }
  state.counters["efficiency"] = one / (2 * two);
  state.counters["bare"] = bare_one / (2 * bare_two);
}
BENCHMARK(efficiency)->Name("runner/efficiency")->Iterations(3)->UseRealTime()->Unit(benchmark::kSecond);

}  // namespace
}  // namespace sigmagrad::lab
