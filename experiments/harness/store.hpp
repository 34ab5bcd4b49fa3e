// SPDX-License-Identifier: BSD-3-Clause
// Finished trials on disk: one row a trial, in one SQLite file.
#pragma once

#include <sigmagrad/experiments/harness/settings.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sigmagrad::experiments {

struct Task {
  const Experiment* experiment = nullptr;
  Trial trial = {};
};

/// A trial that ended: with metrics, or with an error that says why not.
struct Finished {
  Task task = {};
  Metrics metrics = {};
  std::string error = {};
  double seconds = 0;
};

class Store {
 public:
  /// Opens `directory`/results.db, making both where they do not exist. An Error where that cannot be written.
  static Store create(const std::filesystem::path& directory);
  /// Opens an existing one.
  static Store open(const std::filesystem::path& directory);
  Store(Store&&) noexcept;
  ~Store();

  /// What was run here, in the order in which it was first asked for.
  std::vector<Settings> settings() const;
  std::optional<Settings> settings(const Experiment& experiment) const;
  /// Records what is run; the trials of an experiment that is there already are kept.
  void put(const Settings& settings);
  void forget(const Experiment& experiment);

  /// Commits all of them, or none; one that is there already is left as it is.
  void append(std::span<const Finished> batch);
  Results results(const Settings& settings) const;
  /// The trials asked for that have no row yet, group by group.
  std::vector<Task> missing(const Settings& settings) const;

 private:
  struct Impl;
  explicit Store(const std::filesystem::path& file);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sigmagrad::experiments
