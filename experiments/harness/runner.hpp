// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/experiments/harness/store.hpp>

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace sigmagrad::experiments {

/// Every `count`-th task, from the `index`-th of them (1 <= index <= count).
struct Shard {
  std::int64_t index = 1;
  std::int64_t count = 1;
};

/// "2/4" as Shard{2, 4}.
Shard parse_shard(const std::string& text);
std::vector<Task> take_shard(std::vector<Task> tasks, const Shard& shard);

/// Runs one trial in the calling thread. An exception or a metric that is not finite makes a failed trial.
Finished run_trial(const Task& task);

/// The number of threads `jobs` stands for: 0 means one a core; never more than there are tasks.
int thread_count(int jobs, std::size_t tasks);

/// Runs the tasks on `jobs` threads; `deliver` gets what has finished at least every 0.2 s, in the calling thread.
/// Returns false where `interrupted` turned true first: trials that had not ended by then are abandoned (their threads
/// may still be running), all that had are delivered.
bool run_tasks(std::vector<Task> tasks, int jobs, const std::function<void(std::span<const Finished>)>& deliver,
               const std::function<bool()>& interrupted);

}  // namespace sigmagrad::experiments
