// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <sigmagrad/lab/run/mpi.hpp>
#include <sigmagrad/lab/run/task.hpp>

namespace sigmagrad::lab {

/// The tasks of every `count`-th trial of each group, from the `index`-th trial (1 <= index <= count).
struct Shard {
  std::int64_t index = 1;
  std::int64_t count = 1;
};

/// "2/4" as Shard{2, 4}.
Shard parse_shard(const std::string& text);
std::vector<Task> take_shard(std::vector<Task> tasks, const Shard& shard);

/// The tasks as pieces to be run at once: consecutive ones of one group as far as its experiment runs them as one
/// model, yet so many pieces that `threads` threads share the work.
std::vector<std::span<const Task>> pieces(std::span<const Task> tasks, int threads);

/// The number of threads `jobs` stands for: 0 means one a core; never more than there are tasks.
int thread_count(int jobs, std::size_t tasks);

/// Runs the tasks on `jobs` threads, and in the other processes of `mpi` where there are some; `deliver` gets what has
/// finished at least every 0.2 s, in the calling thread. Returns false where `interrupted` turned true first: trials
/// that had not ended soon after are abandoned (their threads may still be running), all that had are delivered.
bool run_tasks(const std::vector<Task>& tasks, int jobs, const std::function<void(std::span<const Finished>)>& deliver,
               const std::function<bool()>& interrupted, Mpi* mpi = nullptr);

}  // namespace sigmagrad::lab
