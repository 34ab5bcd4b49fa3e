// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/run/dry_run.hpp>

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include <sigmagrad/lab/model/text.hpp>

namespace sigmagrad::lab {

namespace {

constexpr double reference_cores = 2;  // those Experiment::seconds speaks of

// Scaled from the preset's own trials: groups are taken to be alike.
double seconds_estimate(const Plan& asked, std::size_t tasks, int threads) {
  double usual = 0;
  for (const PlannedGroup& group : plan(*asked.experiment, {.preset = asked.preset, .stream = asked.stream}).groups)
    usual += static_cast<double>(group.trials);
  return asked.experiment->seconds[asked.preset] * static_cast<double>(tasks) / usual * reference_cores / threads;
}

// `tasks` come group by group, in the order of the plan.
std::string groups_text(const Plan& plan, std::span<const Task> tasks) {
  std::vector<std::vector<std::string>> rows;
  for (const PlannedGroup& group : plan.groups) {
    const auto other = [&](const Task& task) { return !(task.trial.params == group.params); };
    const auto count = static_cast<std::size_t>(std::ranges::find_if(tasks, other) - tasks.begin());
    tasks = tasks.subspan(count);
    rows.push_back({fmt::format("{} trial{}", count, count == 1 ? "" : "s"), to_text(group.params)});
  }
  return align(rows, 2);
}

}  // namespace

std::string dry_run_text(const Session& session) {
  const auto tasks = pending(session);
  const int threads = thread_count(session.jobs, tasks.size());
  std::string text;
  double seconds = 0;
  for (const Plan& plan : session.plans) {
    std::vector<Task> own;
    std::ranges::copy_if(tasks, std::back_inserter(own),
                         [&](const Task& task) { return task.experiment == plan.experiment; });
    text += to_text(plan) + groups_text(plan, own);
    seconds += seconds_estimate(plan, own.size(), threads);
  }
  const double bytes = expected_bytes(tasks.size(), session.plans.size());
  return text + fmt::format("{} trials on {} thread{}: about {}, {:.1f} MB in {}\n", tasks.size(), threads,
                            threads == 1 ? "" : "s", short_duration(seconds), bytes / 1e6, session.out.string());
}

}  // namespace sigmagrad::lab
