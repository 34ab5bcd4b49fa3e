// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/run/session.hpp>

#include <algorithm>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/lab/run/checkpoints.hpp>
#include <sigmagrad/lab/run/machine.hpp>
#include <sigmagrad/lab/run/progress.hpp>

namespace sigmagrad::lab {

namespace {

// What the directory holds once the run has its place in it. All are compared before any is changed.
std::vector<Plan> plans_there(const Session& session, const Store& store) {
  if (session.fresh) return session.plans;
  std::vector<Plan> all;
  for (const Plan& asked : session.plans) {
    const auto stored = store.plan(*asked.experiment);
    const auto changed = stored ? differences(*stored, asked) : std::vector<std::string>{};
    if (!changed.empty())
      engine::fail(
          "{}: {} holds results that do not belong with these ({}); choose another --out, or "
          "--fresh to drop them",
          asked.experiment->id, session.out.string(), fmt::join(changed, "; "));
    all.push_back(stored ? grown(*stored, asked) : asked);
  }
  return all;
}

// A trial that finds the disk full hours later is a trial lost.
void check_room(const Session& session, std::size_t trials) {
  std::error_code error;
  const auto free = std::filesystem::space(session.out, error).available;
  const double needed = expected_bytes(trials, session.plans.size());
  if (!error && static_cast<double>(free) < needed)
    engine::fail("{}: {:.1f} MB are free on its disk, and the results may need {:.1f} MB", session.out.string(),
                 static_cast<double>(free) / 1e6, needed / 1e6);
}

// Without a store nothing has been run.
std::vector<Task> tasks_of(const Session& session, const Store* store) {
  std::vector<Task> tasks;
  for (const Plan& plan : session.plans)
    std::ranges::move(take_shard(store ? store->missing(plan, session.failed) : tasks_of(plan), session.shard),
                      std::back_inserter(tasks));
  return tasks;
}

bool drops_all(const Session& session, const Store& store) {
  const auto is_asked = [&](const Plan& stored) {
    return std::ranges::find(session.plans, stored.experiment, &Plan::experiment) != session.plans.end();
  };
  return session.fresh && std::ranges::all_of(store.plans(), is_asked);
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

// What concerns the run itself is put again, and needs no word.
void tell_what_was_damaged(const Session& session, const Store& store) {
  if (session.progress == nullptr) return;
  if (!store.mended().empty()) fmt::print(session.progress, "{}\n", store.mended());
  auto others = store.damaged();
  std::erase_if(others, [&](const Damage& one) {
    return std::ranges::any_of(session.plans, [&](const Plan& plan) { return plan.experiment->id == one.experiment; });
  });
  if (!others.empty())
    fmt::print(session.progress, "{}: damaged: {}; {}\n", session.out.string(), to_text(others), to_mend);
}

}  // namespace

std::vector<Task> pending(const Session& session) {
  std::optional<Store> store;
  if (!session.fresh && std::filesystem::exists(session.out / "results.db")) store.emplace(Store::open(session.out));
  if (store) plans_there(session, *store);
  return tasks_of(session, store ? &*store : nullptr);
}

std::vector<Stored> read_all(const Store& store) {
  std::vector<Stored> all;
  for (Plan& plan : store.plans()) {
    auto results = store.results(plan);
    all.emplace_back(std::move(plan), std::move(results));
  }
  return all;
}

Run::Run(const Session& session) : session_(session), store_(Store::create(session.out)) {
  tell_what_was_damaged(session, store_);
  const auto plans = plans_there(session, store_);
  tasks_ = tasks_of(session, session.fresh ? nullptr : &store_);
  check_room(session, tasks_.size());
  manifest_ = manifest_of(session, store_, tasks_.size());
  const auto out = std::make_shared<const std::filesystem::path>(std::filesystem::absolute(session.out));
  for (Task& task : tasks_) {
    task.out = out;
    task.threads = session.threads;
  }
  store_.put(plans, session.fresh);
  if (session.fresh)
    for (const Plan& plan : session.plans) drop_checkpoints(session.out, *plan.experiment);
  manifest_.plans = store_.plans();
  write();
  session.begun();
}

bool Run::run_all() {
  if (tasks_.empty()) return true;
  std::optional<Progress> progress;
  if (session_.progress) progress.emplace(tasks_.size(), session_.progress);
  const auto deliver = [&](std::span<const Finished> batch) {
    store_.append(batch);
    drop_checkpoints(session_.out, batch);
    kept_ += batch.size();
    if (progress) progress->advance(batch.size());
  };
  const bool complete = run_tasks(tasks_, session_.jobs, deliver, session_.interrupted, session_.mpi);
  if (complete) drop_empty_folders(session_.out);
  return complete;
}

bool Run::complete() {
  if (!run_all()) return false;
  manifest_.finished = now();
  write();
  return true;
}

// A run that had nothing to do leaves the word to those that had.
void Run::write() const {
  if (!tasks_.empty() || manifest_.earlier.empty()) write_manifest(manifest_, session_.out);
}

RunFailed Run::failed(const std::exception& reason) const {
  return RunFailed(fmt::format("{}; of {} trials of this run {} are kept in {}, and the same --out completes them",
                               reason.what(), tasks_.size(), kept_, session_.out.string()));
}

}  // namespace sigmagrad::lab
