// SPDX-License-Identifier: BSD-3-Clause
// Finished trials on disk: one row a trial, in one SQLite file.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <sigmagrad/lab/model/settings.hpp>
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
  std::vector<Settings> settings() const;
  std::optional<Settings> settings(const Experiment& experiment) const;
  /// Records what is run, all or nothing; the trials of an experiment that is there already are kept, unless `fresh`.
  void put(const std::vector<Settings>& settings, bool fresh = false);

  /// Commits all of them, or none. A trial that is there already is left as it is, unless it had failed.
  void append(std::span<const Finished> batch);
  /// Records `settings` and adds every trial of theirs that `others` hold, all or nothing. An Error where two have a
  /// trial whose numbers differ.
  void merge(std::span<const Store> others, const std::vector<Settings>& settings);

  /// Every stored trial of the experiment, by group in the order of the grid, then by number; those beyond
  /// `settings.trials` as well.
  void each(const Settings& settings, const std::function<void(const Finished&)>& visit) const;
  Results results(const Settings& settings) const;
  /// The trials asked for that have no row yet, group by group.
  std::vector<Task> missing(const Settings& settings, Failed failed = Failed::Kept) const;

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sigmagrad::lab
