// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/program/run.hpp>

#include <algorithm>
#include <iterator>
#include <span>
#include <unordered_map>

#include <sigmagrad/lab/program/drive.hpp>
#include <sigmagrad/lab/program/program.hpp>

namespace sigmagrad::lab {

namespace {

Wishes wishes_of(const std::string& id, const RunOptions& options) {
  Wishes wishes{
      .ids = {id}, .preset = options.preset, .seed = options.seed, .stream = options.stream, .trials = options.trials};
  for (const auto& [parameter, values] : options.values) {
    Override change{.parameter = parameter};
    for (const Value& value : values) change.values.push_back(to_text(value));
    wishes.overrides.push_back(std::move(change));
  }
  return wishes;
}

// Each trial in its place, whatever the order in which they ended.
Results collect(const Plan& plan, std::vector<Finished> finished) {
  std::ranges::stable_sort(finished, {}, [](const Finished& one) { return one.task.trial.index; });
  std::vector<Group> groups;
  std::unordered_map<const Assignments*, std::size_t> places;  // trials share their group's parameters
  for (const PlannedGroup& group : plan.groups) {
    places.emplace(&group.params.items(), groups.size());
    groups.emplace_back(group.params);
  }
  for (const Finished& one : finished) add(groups[places.at(&one.task.trial.params.items())], one);
  return Results(std::move(groups), plan.experiment->start());
}

Results run_in_memory(const Plan& plan, int jobs) {
  std::vector<Finished> finished;
  const auto deliver = [&](std::span<const Finished> batch) { std::ranges::copy(batch, std::back_inserter(finished)); };
  run_tasks(tasks_of(plan), jobs, deliver, [] { return false; });
  return collect(plan, std::move(finished));
}

}  // namespace

Results run(const std::string& id, const RunOptions& options) {
  auto asked = plans(wishes_of(id, options));
  if (options.out.empty()) return run_in_memory(asked.front(), options.jobs);
  const Session session{.plans = std::move(asked),
                        .out = options.out,
                        .jobs = options.jobs,
                        .command = {program_name(), "run", id},
                        .progress = nullptr};
  return drive(session).evaluations.front().results;
}

}  // namespace sigmagrad::lab
