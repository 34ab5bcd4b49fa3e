// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/harness/session.hpp>

#include <sigmagrad/autograd/detail/fail.hpp>
#include <sigmagrad/experiments/harness/machine.hpp>
#include <sigmagrad/experiments/harness/manifest.hpp>
#include <sigmagrad/experiments/harness/progress.hpp>
#include <sigmagrad/experiments/harness/report.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

namespace sigmagrad::experiments {

namespace {

// All are compared before any is changed.
void check_stored(const Session& session, const Store& store) {
  if (session.fresh) return;
  for (const Settings& asked : session.settings) {
    const auto stored = store.settings(*asked.experiment);
    const auto changed = stored ? differences(*stored, asked) : std::vector<std::string>{};
    if (!changed.empty())
      sigmagrad::detail::fail(
          "{}: {} holds results of other parameters ({}); choose another --out, or --fresh to drop them",
          asked.experiment->id, session.out.string(), fmt::join(changed, "; "));
  }
}

void prepare(const Session& session, Store& store) {
  check_stored(session, store);
  for (const Settings& settings : session.settings) {
    if (session.fresh) store.forget(*settings.experiment);
    store.put(settings);
  }
}

std::vector<Task> tasks_of(const Session& session, const Store& store) {
  std::vector<Task> tasks;
  for (const Settings& settings : session.settings)
    std::ranges::move(take_shard(store.missing(settings), session.shard), std::back_inserter(tasks));
  return tasks;
}

bool run_all(const Session& session, Store& store, std::vector<Task> tasks) {
  if (tasks.empty()) return true;
  std::optional<Progress> progress;
  if (session.progress) progress.emplace(tasks.size(), session.progress);
  const auto deliver = [&](std::span<const Finished> batch) {
    store.append(batch);
    if (progress) progress->advance(batch.size());
  };
  return run_tasks(std::move(tasks), session.jobs, deliver, session.interrupted);
}

std::vector<Evaluation> evaluate_all(const Store& store) {
  std::vector<Evaluation> all;
  for (const Settings& settings : store.settings()) all.push_back(evaluate(settings, store.results(settings)));
  return all;
}

std::vector<Evaluation> pick(std::vector<Evaluation>& all, const std::vector<Settings>& asked) {
  std::vector<Evaluation> picked;
  for (const Settings& settings : asked)
    picked.push_back(std::move(*std::ranges::find(
        all, settings.experiment, [](const Evaluation& evaluation) { return evaluation.settings.experiment; })));
  return picked;
}

std::vector<Task> all_tasks(const Settings& settings) {
  std::vector<Task> tasks;
  for (const Params& params : grid(settings))
    for (std::int64_t k = 0; k < trials_of(settings, params); ++k)
      tasks.push_back({settings.experiment, {params, k, settings.seed, settings.stream}});
  return tasks;
}

Outcome carry_out(const Session& session, Store& store, std::vector<Task> tasks, Manifest& manifest) {
  if (!run_all(session, store, std::move(tasks))) return {.interrupted = true};
  manifest.finished = now();
  write_manifest(manifest, session.out);
  auto all = evaluate_all(store);
  write_report(all, session.out);
  return {.evaluations = pick(all, session.settings)};
}

}  // namespace

std::vector<Task> pending(const Session& session) {
  std::optional<Store> store;
  if (!session.fresh && std::filesystem::exists(session.out / "results.db")) store.emplace(Store::open(session.out));
  if (store) check_stored(session, *store);
  std::vector<Task> tasks;
  for (const Settings& settings : session.settings)
    std::ranges::move(take_shard(store ? store->missing(settings) : all_tasks(settings), session.shard),
                      std::back_inserter(tasks));
  return tasks;
}

Outcome run(const Session& session) {
  Store store = Store::create(session.out);
  prepare(session, store);
  auto tasks = tasks_of(session, store);
  Manifest manifest{.command = session.command,
                    .started = now(),
                    .jobs = thread_count(session.jobs, std::max<std::size_t>(tasks.size(), 1)),
                    .shard = fmt::format("{}/{}", session.shard.index, session.shard.count),
                    .settings = store.settings()};
  write_manifest(manifest, session.out);
  try {
    return carry_out(session, store, std::move(tasks), manifest);
  } catch (const Error& error) {
    throw RunFailed(error.what());
  }
}

std::vector<Evaluation> rebuild_report(const std::filesystem::path& directory) {
  auto all = evaluate_all(Store::open(directory));
  write_report(all, directory);
  return all;
}

}  // namespace sigmagrad::experiments
