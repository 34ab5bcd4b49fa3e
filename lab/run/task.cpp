// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/run/task.hpp>

namespace sigmagrad::lab {

std::vector<Task> tasks_of(const Plan& plan) {
  std::vector<Task> tasks;
  for (const PlannedGroup& group : plan.groups)
    for (std::int64_t k = 0; k < group.trials; ++k) tasks.push_back({plan.experiment, plan.key(group, k)});
  return tasks;
}

void add(Group& group, const Finished& finished) {
  if (finished.error.empty()) {
    group.add(finished.task.trial.index, finished.metrics);
  } else {
    group.add(Failure{finished.task.trial.index, finished.error});
  }
}

}  // namespace sigmagrad::lab
