// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/run/session.hpp>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/lab/report/report.hpp>
#include <sigmagrad/lab/run/dry_run.hpp>
#include <sigmagrad/lab/run/machine.hpp>
#include <sigmagrad/lab/run/manifest.hpp>
#include <sigmagrad/lab/run/progress.hpp>

namespace sigmagrad::lab {

namespace {

// All are compared before any is changed.
void check_stored(const Session& session, const Store& store) {
  if (session.fresh) return;
  for (const Settings& asked : session.settings) {
    const auto stored = store.settings(*asked.experiment);
    const auto changed = stored ? differences(*stored, asked) : std::vector<std::string>{};
    if (!changed.empty())
      engine::fail("{}: {} holds results of other parameters ({}); choose another --out, or --fresh to drop them",
                   asked.experiment->id, session.out.string(), fmt::join(changed, "; "));
  }
}

// A trial that finds the disk full hours later is a trial lost.
void check_room(const Session& session, std::size_t trials) {
  std::error_code error;
  const auto free = std::filesystem::space(session.out, error).available;
  const double needed = expected_bytes(trials, session.settings.size());
  if (!error && static_cast<double>(free) < needed)
    engine::fail("{}: {:.1f} MB are free on its disk, and the results may need {:.1f} MB", session.out.string(),
                 static_cast<double>(free) / 1e6, needed / 1e6);
}

std::vector<Task> all_tasks(const Settings& settings) {
  std::vector<Task> tasks;
  for (const Params& params : grid(settings))
    for (std::int64_t k = 0; k < trials_of(settings, params); ++k)
      tasks.push_back({settings.experiment, {params, k, settings.seed, settings.stream}});
  return tasks;
}

// Without a store nothing has been run.
std::vector<Task> tasks_of(const Session& session, const Store* store) {
  std::vector<Task> tasks;
  for (const Settings& settings : session.settings)
    std::ranges::move(take_shard(store ? store->missing(settings, session.failed) : all_tasks(settings), session.shard),
                      std::back_inserter(tasks));
  return tasks;
}

// Counts what is committed in `kept`.
bool run_all(const Session& session, Store& store, const std::vector<Task>& tasks, std::size_t& kept) {
  if (tasks.empty()) return true;
  std::optional<Progress> progress;
  if (session.progress) progress.emplace(tasks.size(), session.progress);
  const auto deliver = [&](std::span<const Finished> batch) {
    store.append(batch);
    kept += batch.size();
    if (progress) progress->advance(batch.size());
  };
  return run_tasks(tasks, session.jobs, deliver, session.interrupted, session.mpi);
}

std::vector<std::pair<Settings, Results>> read_all(const Store& store) {
  std::vector<std::pair<Settings, Results>> all;
  for (const Settings& settings : store.settings()) all.emplace_back(settings, store.results(settings));
  return all;
}

std::vector<Evaluation> evaluate_all(std::vector<std::pair<Settings, Results>> stored) {
  std::vector<Evaluation> all;
  for (auto& [settings, results] : stored) all.push_back(evaluate(settings, std::move(results)));
  return all;
}

std::vector<Evaluation> pick(std::vector<Evaluation>& all, const std::vector<Settings>& asked) {
  std::vector<Evaluation> picked;
  for (const Settings& settings : asked)
    picked.push_back(std::move(*std::ranges::find(
        all, settings.experiment, [](const Evaluation& evaluation) { return evaluation.settings.experiment; })));
  return picked;
}

bool drops_all(const Session& session, const Store& store) {
  const auto is_asked = [&](const Settings& stored) {
    return std::ranges::find(session.settings, stored.experiment, &Settings::experiment) != session.settings.end();
  };
  return session.fresh && std::ranges::all_of(store.settings(), is_asked);
}

// Before anything is changed, because it reads the manifest that is there and may refuse it.
Manifest manifest_of(const Session& session, const Store& store, std::size_t tasks) {
  const int own = thread_count(session.jobs, std::max<std::size_t>(tasks, 1));
  Manifest manifest{.command = session.command,
                    .started = now(),
                    .jobs = session.mpi && session.mpi->size() > 1 ? session.mpi->total_threads() : own,
                    .shard = fmt::format("{}/{}", session.shard.index, session.shard.count),
                    .processes = session.mpi ? session.mpi->machines() : std::vector<std::string>{}};
  if (!drops_all(session, store)) manifest.earlier = earlier_manifests(session.out);
  return manifest;
}

// A run that had nothing to do leaves the word to those that had.
void write(const Manifest& manifest, const Session& session, const std::vector<Task>& tasks) {
  if (!tasks.empty() || manifest.earlier.empty()) write_manifest(manifest, session.out);
}

Outcome carry_out(const Session& session, Store& store, const std::vector<Task>& tasks, Manifest& manifest,
                  std::size_t& kept) {
  if (!run_all(session, store, tasks, kept)) return {.interrupted = true};
  manifest.finished = now();
  write(manifest, session, tasks);
  auto all = evaluate_all(read_all(store));
  if (!write_report(all, session.out, session.interrupted)) return {.interrupted = true};
  return {.evaluations = pick(all, session.settings)};
}

// Each experiment notes what is damaged of it; the first one, what belongs to none of them.
void note_damage(std::vector<Evaluation>& all, const std::vector<Damage>& damaged) {
  std::map<Evaluation*, std::vector<Damage>> shares;
  for (const Damage& one : damaged) {
    const auto own =
        std::ranges::find(all, one.experiment, [](const Evaluation& e) { return e.settings.experiment->id; });
    shares[own == all.end() ? &all.front() : &*own].push_back(one);
  }
  for (const auto& [evaluation, share] : shares) {
    evaluation->damaged = share.size();
    evaluation->notes.push_back(fmt::format("damaged and left out: {}; {}", to_text(share), to_mend));
  }
}

// What concerns the run itself is put again, and needs no word.
void tell_what_was_damaged(const Session& session, const Store& store) {
  if (session.progress == nullptr) return;
  if (!store.mended().empty()) fmt::print(session.progress, "{}\n", store.mended());
  auto others = store.damaged();
  std::erase_if(others, [&](const Damage& one) {
    return std::ranges::any_of(session.settings, [&](const Settings& s) { return s.experiment->id == one.experiment; });
  });
  if (!others.empty())
    fmt::print(session.progress, "{}: damaged: {}; {}\n", session.out.string(), to_text(others), to_mend);
}

}  // namespace

std::vector<Task> pending(const Session& session) {
  std::optional<Store> store;
  if (!session.fresh && std::filesystem::exists(session.out / "results.db")) store.emplace(Store::open(session.out));
  if (store) check_stored(session, *store);
  return tasks_of(session, store ? &*store : nullptr);
}

Outcome run(const Session& session) {
  Store store = Store::create(session.out);
  tell_what_was_damaged(session, store);
  check_stored(session, store);
  const auto tasks = tasks_of(session, session.fresh ? nullptr : &store);
  check_room(session, tasks.size());
  Manifest manifest = manifest_of(session, store, tasks.size());
  store.put(session.settings, session.fresh);
  manifest.settings = store.settings();
  write(manifest, session, tasks);
  session.begun();
  std::size_t kept = 0;
  try {
    return carry_out(session, store, tasks, manifest, kept);
  } catch (const std::exception& error) {
    throw RunFailed(fmt::format("{}; of {} trials of this run {} are kept in {}, and the same --out completes them",
                                error.what(), tasks.size(), kept, session.out.string()));
  }
}

std::vector<Evaluation> rebuild_report(const std::filesystem::path& directory, const std::vector<Damage>& elsewhere) {
  auto damaged = elsewhere;
  std::vector<std::pair<Settings, Results>> stored;
  {
    const Store store = Store::open(directory);  // closed before anything is judged or drawn: a writer may wait
    damaged.insert(damaged.end(), store.damaged().begin(), store.damaged().end());
    stored = read_all(store);
  }
  if (stored.empty())
    engine::fail("{}: holds no results that could be reported{}", directory.string(),
                 damaged.empty() ? "" : fmt::format(": damaged: {}; {}", to_text(damaged), to_mend));
  auto all = evaluate_all(std::move(stored));
  note_damage(all, damaged);
  write_report(all, directory);
  return all;
}

}  // namespace sigmagrad::lab
