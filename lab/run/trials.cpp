// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/run/trials.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <sigmagrad/autograd/threads/threads.hpp>
#include <sigmagrad/lab/run/checkpoints.hpp>

namespace sigmagrad::lab {

namespace {

using Clock = std::chrono::steady_clock;

std::string first_not_finite(const Metrics& metrics) {
  for (const auto& [name, value] : metrics.items())
    if (!std::isfinite(value)) return fmt::format("{} is {}", name, value);
  return {};
}

// The finite numbers of a trial that may diverge, and whether it has, unless the trial says so itself.
Metrics with_divergence(const Metrics& metrics) {
  std::vector<Metrics::Item> kept;
  for (const auto& item : metrics.items())
    if (std::isfinite(item.second)) kept.push_back(item);
  const bool finite = kept.size() == metrics.items().size();
  if (std::ranges::find(kept, diverged.name, &Metrics::Item::first) == kept.end())
    kept.emplace_back(diverged.name, finite ? 0 : 1);
  return Metrics(std::move(kept));
}

Finished finished_trial(const Task& task, Metrics metrics, std::string error, double seconds) {
  if (error.empty() && task.experiment->diverged_is_result) metrics = with_divergence(metrics);
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

std::vector<Finished> run_trials(std::span<const Task> tasks) {
  const auto start = Clock::now();
  set_num_threads(tasks.front().threads);
  std::vector<Trial> trials;
  for (const Task& task : tasks) trials.emplace_back(task.trial, [&task] { return checkpoint_of(task); });
  // A trial that draws without a generator of its own must not depend on what its thread ran before.
  constexpr auto purpose = std::numeric_limits<std::uint64_t>::max();
  const TrialKey& first = tasks.front().trial;
  default_generator().seed(first.seed, static_cast<std::uint64_t>(first.index), purpose);
  std::string error;
  try {
    tasks.front().experiment->run(trials);
  } catch (const std::exception& reason) {
    if (tasks.size() > 1) return run_one_by_one(tasks);
    error = *reason.what() ? reason.what() : "unknown error";
  } catch (...) {
    if (tasks.size() > 1) return run_one_by_one(tasks);
    error = "an exception that says nothing: it is no std::exception";
  }
  const double seconds =
      std::chrono::duration<double>(Clock::now() - start).count() / static_cast<double>(tasks.size());
  std::vector<Finished> finished;
  for (std::size_t i = 0; i < tasks.size(); ++i)
    finished.push_back(finished_trial(tasks[i], trials[i].take_metrics(), error, seconds));
  return finished;
}

}  // namespace sigmagrad::lab
