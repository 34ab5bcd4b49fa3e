// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/harness/runner.hpp>

#include <sigmagrad/autograd/detail/fail.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>

namespace sigmagrad::experiments {

using sigmagrad::detail::fail;

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto delivery_interval = std::chrono::milliseconds(200);
constexpr auto patience_after_interrupt = std::chrono::milliseconds(500);

// What the threads share. Each holds a share of it, so that an abandoned one never touches anything freed.
struct Pool {
  std::vector<Task> tasks;
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t next = 0;
  std::size_t running = 0;
  bool stopping = false;
  std::vector<Finished> finished;

  bool done() const { return running == 0 && (stopping || next == tasks.size()); }
};

void work(const std::shared_ptr<Pool>& pool) {
  std::unique_lock lock(pool->mutex);
  while (!pool->stopping && pool->next < pool->tasks.size()) {
    const Task& task = pool->tasks[pool->next++];
    ++pool->running;
    lock.unlock();
    Finished finished = run_trial(task);
    lock.lock();
    --pool->running;
    pool->finished.push_back(std::move(finished));
    if (pool->done()) pool->changed.notify_all();
  }
}

std::vector<Finished> collect(Pool& pool, Clock::time_point deadline) {
  std::unique_lock lock(pool.mutex);
  pool.changed.wait_until(lock, deadline, [&] { return pool.done(); });
  return std::exchange(pool.finished, {});
}

bool is_done(Pool& pool) {
  const std::scoped_lock lock(pool.mutex);
  return pool.done() && pool.finished.empty();
}

void stop(Pool& pool) {
  const std::scoped_lock lock(pool.mutex);
  pool.stopping = true;
}

// Threads that end with the pool are joined, also where delivering throws; abandoned ones are let go.
class Threads {
 public:
  /// As many of `count` as the system gives; an Error where that is none.
  Threads(const std::shared_ptr<Pool>& pool, int count) : pool_(pool) {
    try {
      for (int i = 0; i < count; ++i) threads_.emplace_back(work, pool);
    } catch (const std::system_error& error) {
      if (threads_.empty()) throw Error(std::string("--jobs: no thread can be started: ") + error.what());
    }
  }
  Threads(const Threads&) = delete;
  ~Threads() {
    stop(*pool_);
    for (auto& thread : threads_) thread.join();
  }
  void abandon() {
    for (auto& thread : threads_) thread.detach();
    threads_.clear();
  }

 private:
  std::shared_ptr<Pool> pool_;
  std::vector<std::thread> threads_;
};

std::string first_not_finite(const Metrics& metrics) {
  for (const auto& [name, value] : metrics.items())
    if (!std::isfinite(value)) return fmt::format("{} is {}", name, value);
  return {};
}

}  // namespace

Shard parse_shard(const std::string& text) {
  Shard shard{0, 0};
  const char* end = text.data() + text.size();
  const auto index = std::from_chars(text.data(), end, shard.index);
  if (index.ptr != end && *index.ptr == '/') {
    const auto count = std::from_chars(index.ptr + 1, end, shard.count);
    if (count.ptr == end && 1 <= shard.index && shard.index <= shard.count) return shard;
  }
  fail("--shard: '{}' is not of the form I/N with 1 <= I <= N", text);
}

std::vector<Task> take_shard(std::vector<Task> tasks, const Shard& shard) {
  std::vector<Task> taken;
  for (auto& task : tasks)
    if (task.trial.index % shard.count == shard.index - 1) taken.push_back(std::move(task));
  return taken;
}

Finished run_trial(const Task& task) {
  const auto start = Clock::now();
  Finished finished{.task = task};
  const Trial& trial = task.trial;
  // A trial that draws without a generator of its own must not depend on what its thread ran before.
  constexpr auto purpose = std::numeric_limits<std::uint64_t>::max();
  default_generator().seed(trial.seed, static_cast<std::uint64_t>(trial.index), purpose);
  try {
    finished.metrics = task.experiment->trial(trial);
    finished.error = first_not_finite(finished.metrics);
  } catch (const std::exception& reason) {
    finished.error = *reason.what() ? reason.what() : "unknown error";
  }
  if (!finished.error.empty()) finished.metrics = {};
  finished.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return finished;
}

int thread_count(int jobs, std::size_t tasks) {
  if (jobs < 0) fail("--jobs must be >= 0 (got {})", jobs);
  const std::size_t wanted =
      jobs > 0 ? static_cast<std::size_t>(jobs) : std::max(1U, std::thread::hardware_concurrency());
  return static_cast<int>(std::clamp<std::size_t>(tasks, 1, wanted));
}

bool run_tasks(std::vector<Task> tasks, int jobs, const std::function<void(std::span<const Finished>)>& deliver,
               const std::function<bool()>& interrupted) {
  const auto pool = std::make_shared<Pool>();
  pool->tasks = std::move(tasks);
  Threads threads(pool, thread_count(jobs, pool->tasks.size()));
  while (!is_done(*pool)) {
    const bool stopping = interrupted();
    if (stopping) stop(*pool);
    const auto batch = collect(*pool, Clock::now() + (stopping ? patience_after_interrupt : delivery_interval));
    deliver(batch);
    if (!stopping) continue;
    threads.abandon();
    return false;
  }
  return true;
}

}  // namespace sigmagrad::experiments
