// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <ctime>

#include <cblas.h>
#include <sched.h>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/bench/workloads.hpp>

namespace sigmagrad::bench {
namespace {

constexpr double block_seconds = 2e-3;
constexpr std::size_t least_rounds = 5;

// Keeps the calling thread on the processor it runs on, where the system allows it.
class Pinned {
 public:
  Pinned() : known_(sched_getaffinity(0, sizeof before_, &before_) == 0) {
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(sched_getcpu(), &here);
    if (known_) sched_setaffinity(0, sizeof here, &here);
  }
  ~Pinned() {
    if (known_) sched_setaffinity(0, sizeof before_, &before_);
  }
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;

 private:
  cpu_set_t before_;
  bool known_;
};

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Time of all threads of the process together: waiting for other programs does not count, work on another thread does.
double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double seconds_for(Step& step, int count) {
  const double start = processor_seconds();
  for (int i = 0; i < count; ++i) step();
  return processor_seconds() - start;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

// One way of computing the step, and what its blocks took.
struct Loop {
  explicit Loop(const StepFactory& make) : step(make()) {
    while (seconds_for(*step, count) < block_seconds) count *= 2;  // the warm-up as well
  }
  void run_block() { microseconds.push_back(1e6 * seconds_for(*step, count) / count); }

  std::unique_ptr<Step> step;
  int count = 1;
  std::vector<double> microseconds;
};

std::optional<double> median_time(const std::optional<Loop>& loop) {
  if (!loop) return std::nullopt;
  return median(loop->microseconds);
}

std::optional<double> median_ratio(const std::optional<Loop>& loop, const std::optional<Loop>& limit) {
  if (!loop || !limit) return std::nullopt;
  std::vector<double> ratios;
  for (std::size_t i = 0; i < loop->microseconds.size(); ++i)
    ratios.push_back(loop->microseconds[i] / limit->microseconds[i]);
  return median(ratios);
}

}  // namespace

WorkloadResult measure(const Workload& workload, double seconds) {
  openblas_set_num_threads(1);
  const Pinned pinned;
  const double start = seconds_now();
  std::optional<Loop> loops[3];  // limit, eager, captured
  const StepFactory* factories[] = {&workload.limit, &workload.eager, &workload.captured};
  for (std::size_t i = 0; i < 3; ++i)
    if (*factories[i]) loops[i].emplace(*factories[i]);
  for (std::size_t round = 0; round < least_rounds || seconds_now() - start < seconds; ++round)
    for (std::size_t i = 0; i < 3; ++i) {
      auto& loop = loops[round % 2 == 0 ? i : 2 - i];  // there and back: nobody is always the first
      if (loop) loop->run_block();
    }
  const auto& [limit, eager, captured] = loops;
  return {.name = workload.name,
          .limit_us = median_time(limit),
          .eager_us = median_time(eager),
          .captured_us = median_time(captured),
          .eager_ratio = median_ratio(eager, limit),
          .captured_ratio = median_ratio(captured, limit)};
}

std::vector<WorkloadResult> run_workloads(const Options& options) {
  std::vector<WorkloadResult> results;
  for (const Workload& workload : workloads())
    if (workload.name.find(options.filter) != std::string::npos) results.push_back(measure(workload, options.seconds));
  if (results.empty()) throw Error("bench: no workload's name contains '" + options.filter + "'");
  return results;
}

}  // namespace sigmagrad::bench
