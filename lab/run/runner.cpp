// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/run/runner.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/lab/run/exchange.hpp>

namespace sigmagrad::lab {

using engine::fail;

namespace {

using detail::Clock;
constexpr auto delivery_interval = std::chrono::milliseconds(200);
// For trials that are about to end; mpirun kills a second after it has asked.
constexpr auto patience_after_interrupt = std::chrono::milliseconds(400);
constexpr auto patience_under_mpi = std::chrono::milliseconds(50);

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

namespace {

std::vector<detail::Piece> numbered(const std::vector<Task>& tasks, int threads) {
  std::vector<detail::Piece> all;
  for (const auto& piece : pieces(tasks, threads))
    all.push_back({static_cast<std::int64_t>(all.size()), {piece.begin(), piece.end()}});
  return all;
}

void collect(detail::Pool& pool, std::vector<Finished>& finished) {
  for (auto& done : pool.collect()) std::ranges::move(done.trials, std::back_inserter(finished));
}

}  // namespace

bool run_tasks(const std::vector<Task>& tasks, int jobs, const std::function<void(std::span<const Finished>)>& deliver,
               const std::function<bool()>& interrupted, Mpi* mpi) {
  const auto pool = std::make_shared<detail::Pool>();
  const int count = thread_count(jobs, tasks.size());
  pool->add(numbered(tasks, mpi ? mpi->total_threads() : count));
  pool->close();
  detail::Threads threads(pool, count);
  std::optional<detail::Exchange> exchange;
  if (mpi && mpi->size() > 1) exchange.emplace(*mpi);
  std::vector<Finished> finished;
  bool stopping = false;
  for (auto next = Clock::now() + delivery_interval;;) {
    if (!stopping && interrupted()) {
      stopping = true;
      pool->stop();
      next = Clock::now() + (exchange ? patience_under_mpi : patience_after_interrupt);
    }
    const bool idle = pool->idle();
    collect(*pool, finished);
    if (exchange) exchange->step(*pool, finished);
    const bool done = idle && !(exchange && exchange->away());
    if (done || Clock::now() >= next) {
      deliver(finished);
      finished.clear();
      if (done || stopping) return !stopping;
      next = Clock::now() + delivery_interval;
    }
    exchange ? std::this_thread::sleep_for(detail::tick) : pool->wait(next);
  }
}

}  // namespace sigmagrad::lab
