// SPDX-License-Identifier: BSD-3-Clause
// A trial to be run, and what came of it: what the runner, its threads, other processes and the store hand around.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <sigmagrad/lab/model/plan.hpp>

namespace sigmagrad::lab {

struct Task {
  const Experiment* experiment = nullptr;
  TrialKey trial = {};
  int threads = 1;                                        // that share its work, and change no number
  std::shared_ptr<const std::filesystem::path> out = {};  // the run's folder; null if it writes nothing
};

/// A trial that ended: with metrics, or with an error that says why not.
struct Finished {
  Task task = {};
  Metrics metrics = {};
  std::string error = {};
  double seconds = 0;
};

/// Every trial of the plan, group by group.
std::vector<Task> tasks_of(const Plan& plan);

/// Adds what came of a trial to its group.
void add(Group& group, const Finished& finished);

}  // namespace sigmagrad::lab
