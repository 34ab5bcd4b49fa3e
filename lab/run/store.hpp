// SPDX-License-Identifier: BSD-3-Clause
// Finished trials on disk: one row a trial, in one SQLite file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <sigmagrad/lab/model/plan.hpp>
#include <sigmagrad/lab/run/damage.hpp>
#include <sigmagrad/lab/run/task.hpp>

namespace sigmagrad::lab {

/// Which trials count as still to be run: failed ones do not unless they are retried, for a trial's numbers do not
/// change from one run to the next.
enum class Failed { Kept, Retried };

class Store {
 public:
  /// Opens `directory`/results.db to write, making both where they do not exist. A damaged file is mended first. An
  /// Error at once where that is not possible, where the file is not a store of this schema, and where another process
  /// has it open to write.
  static Store create(const std::filesystem::path& directory);
  /// Opens an existing one to read as it is now, also while it is being written. Not to be held for long: the writer
  /// waits. An Error where its pages do not fit together.
  static Store open(const std::filesystem::path& directory);
  Store(Store&&) noexcept;
  ~Store();

  /// Rows that were damaged when the file was opened, each by its name: nothing here reads them.
  const std::vector<Damage>& damaged() const;
  /// What was mended as the file was opened, in a sentence; or nothing.
  const std::string& mended() const;

  /// What was run here, in the order in which it was first asked for.
  std::vector<Plan> plans() const;
  std::optional<Plan> plan(const Experiment& experiment) const;
  /// Records what is run, all or nothing; the trials of an experiment that is there already are kept, unless `fresh`.
  void put(const std::vector<Plan>& plans, bool fresh = false);

  /// Commits all of them, or none. A trial that is there already is left as it is, unless it had failed.
  void append(std::span<const Finished> batch);
  /// Records `plans` and adds every trial of theirs that `others` hold, all or nothing. An Error if two have a trial
  /// whose numbers differ.
  void merge(std::span<const Store> others, const std::vector<Plan>& plans);

  /// Every stored trial of the plan's groups, group by group, then by number; those beyond the group's trials as well.
  void each(const Plan& plan, const std::function<void(const PlannedGroup&, const Finished&)>& visit) const;
  Results results(const Plan& plan) const;
  /// The trials asked for that have no row yet, group by group.
  std::vector<Task> missing(const Plan& plan, Failed failed = Failed::Kept) const;

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// What so many trials, and the reports of so many experiments, may take on the disk.
double expected_bytes(std::size_t trials, std::size_t experiments);

}  // namespace sigmagrad::lab
