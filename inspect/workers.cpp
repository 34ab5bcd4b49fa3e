// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/inspect/workers.hpp>

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <numeric>
#include <thread>

namespace sigmagrad::inspection {

void run_largest_first(const std::vector<double>& costs, int jobs, const Watch& watch,
                       const std::function<void(std::size_t)>& work) {
  std::vector<std::size_t> order(costs.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return costs[a] > costs[b]; });
  std::atomic<std::size_t> next = 0;
  std::mutex one_at_a_time;
  const auto run = [&] {
    for (auto i = next++; i < order.size() && !watch.interrupted(); i = next++) {
      work(order[i]);
      const std::lock_guard lock(one_at_a_time);
      watch.advance();
    }
  };
  const auto cores = std::max(1U, std::thread::hardware_concurrency());
  const auto threads = std::min(jobs > 0 ? static_cast<std::size_t>(jobs) : cores, costs.size());
  std::vector<std::future<void>> workers;
  for (std::size_t i = 0; i < threads; ++i) workers.push_back(std::async(std::launch::async, run));
  for (auto& worker : workers) worker.get();
}

}  // namespace sigmagrad::inspection
