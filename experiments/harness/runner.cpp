// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/harness/runner.hpp>

#include <sigmagrad/autograd/detail/fail.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <iterator>
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
  std::vector<std::span<const Task>> pieces;
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t next = 0;
  std::size_t running = 0;
  bool stopping = false;
  std::vector<Finished> finished;

  bool done() const { return running == 0 && (stopping || next == pieces.size()); }
};

void work(const std::shared_ptr<Pool>& pool) {
  std::unique_lock lock(pool->mutex);
  while (!pool->stopping && pool->next < pool->pieces.size()) {
    const auto piece = pool->pieces[pool->next++];
    ++pool->running;
    lock.unlock();
    auto finished = run_trials(piece);
    lock.lock();
    --pool->running;
    std::ranges::move(finished, std::back_inserter(pool->finished));
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

Finished finished_trial(const Task& task, Metrics metrics, std::string error, double seconds) {
  if (error.empty()) error = first_not_finite(metrics);
  if (!error.empty()) metrics = {};
  return {.task = task, .metrics = std::move(metrics), .error = std::move(error), .seconds = seconds};
}

std::vector<Finished> run_one_by_one(std::span<const Task> tasks) {
  std::vector<Finished> all;
  for (std::size_t i = 0; i < tasks.size(); ++i) all.push_back(std::move(run_trials(tasks.subspan(i, 1)).front()));
  return all;
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

std::vector<Finished> run_trials(std::span<const Task> tasks) {
  const auto start = Clock::now();
  std::vector<Trial> trials;
  for (const Task& task : tasks) trials.push_back(task.trial);
  // A trial that draws without a generator of its own must not depend on what its thread ran before.
  constexpr auto purpose = std::numeric_limits<std::uint64_t>::max();
  default_generator().seed(trials.front().seed, static_cast<std::uint64_t>(trials.front().index), purpose);
  std::vector<Metrics> metrics;
  std::string error;
  try {
    metrics = tasks.front().experiment->run(trials);
    if (metrics.size() != trials.size()) fail("the batch returned {} of {} trials", metrics.size(), trials.size());
  } catch (const std::exception& reason) {
    if (tasks.size() > 1) return run_one_by_one(tasks);
    error = *reason.what() ? reason.what() : "unknown error";
    metrics.resize(1);
  }
  const double seconds =
      std::chrono::duration<double>(Clock::now() - start).count() / static_cast<double>(tasks.size());
  std::vector<Finished> finished;
  for (std::size_t i = 0; i < tasks.size(); ++i)
    finished.push_back(finished_trial(tasks[i], std::move(metrics[i]), error, seconds));
  return finished;
}

std::vector<std::span<const Task>> pieces(std::span<const Task> tasks, int threads) {
  constexpr std::size_t pieces_a_thread = 4;
  const std::size_t share =
      std::max<std::size_t>(tasks.size() / (pieces_a_thread * static_cast<std::size_t>(threads)), 1);
  std::vector<std::span<const Task>> all;
  for (std::size_t begin = 0; begin < tasks.size();) {
    const Task& first = tasks[begin];
    const auto whole = first.experiment->batch ? static_cast<std::size_t>(first.experiment->batch_size) : 1;
    const std::size_t limit = std::min(begin + std::min(whole, share), tasks.size());
    std::size_t end = begin + 1;
    while (end < limit && tasks[end].experiment == first.experiment && tasks[end].trial.params == first.trial.params)
      ++end;
    all.push_back(tasks.subspan(begin, end - begin));
    begin = end;
  }
  return all;
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
  const int count = thread_count(jobs, pool->tasks.size());
  pool->pieces = pieces(pool->tasks, count);
  Threads threads(pool, count);
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
