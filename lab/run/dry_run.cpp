// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/run/dry_run.hpp>

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include <sigmagrad/lab/model/text.hpp>

namespace sigmagrad::lab {

namespace {

constexpr double bytes_per_trial = 1500, bytes_per_experiment = 1e6;  // rows; figures and report
constexpr double reference_cores = 2;                                 // those Experiment::seconds speaks of

// Scaled from the preset's own trials: groups are taken to be alike.
double seconds_estimate(const Settings& settings, std::size_t tasks, int threads) {
  const Experiment& experiment = *settings.experiment;
  Settings preset = settings;
  preset.lists.clear();
  for (const Parameter& parameter : experiment.parameters)
    preset.lists.emplace_back(parameter.name, parameter.values(settings.preset));
  preset.trials = experiment.trials[settings.preset];
  double usual = 0;
  for (const Params& params : grid(preset)) usual += static_cast<double>(trials_of(preset, params));
  return experiment.seconds[settings.preset] * static_cast<double>(tasks) / usual * reference_cores / threads;
}

// `tasks` come group by group, in the order of the grid.
std::string groups_text(const Settings& settings, std::span<const Task> tasks) {
  std::vector<std::vector<std::string>> rows;
  for (const Params& params : grid(settings)) {
    const auto other = [&](const Task& task) { return !(task.trial.params == params); };
    const auto count = static_cast<std::size_t>(std::ranges::find_if(tasks, other) - tasks.begin());
    tasks = tasks.subspan(count);
    rows.push_back({fmt::format("{} trial{}", count, count == 1 ? "" : "s"), to_text(params)});
  }
  return align(rows, 2);
}

}  // namespace

double expected_bytes(std::size_t trials, std::size_t experiments) {
  return bytes_per_trial * static_cast<double>(trials) + bytes_per_experiment * static_cast<double>(experiments);
}

std::string dry_run_text(const Session& session) {
  const auto tasks = pending(session);
  const int threads = thread_count(session.jobs, tasks.size());
  std::string text;
  double seconds = 0;
  for (const Settings& settings : session.settings) {
    std::vector<Task> own;
    std::ranges::copy_if(tasks, std::back_inserter(own),
                         [&](const Task& task) { return task.experiment == settings.experiment; });
    text += to_text(settings) + groups_text(settings, own);
    seconds += seconds_estimate(settings, own.size(), threads);
  }
  const double bytes = expected_bytes(tasks.size(), session.settings.size());
  return text + fmt::format("{} trials on {} thread{}: about {}, {:.1f} MB in {}\n", tasks.size(), threads,
                            threads == 1 ? "" : "s", short_duration(seconds), bytes / 1e6, session.out.string());
}

}  // namespace sigmagrad::lab
