// SPDX-License-Identifier: BSD-3-Clause
// A run, from its plans to the trials that are stored.
#pragma once

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <sigmagrad/lab/run/manifest.hpp>
#include <sigmagrad/lab/run/runner.hpp>
#include <sigmagrad/lab/run/store.hpp>

namespace sigmagrad::lab {

struct Session {
  std::vector<Plan> plans = {};
  std::filesystem::path out = {};
  int jobs = 0;     // trials at once in this process; 0: one a core
  int threads = 1;  // of each trial
  Shard shard = {};
  bool fresh = false;                     // forget what is stored of these experiments
  Failed failed = Failed::Kept;           // Retried: what is stored as failed runs again
  std::vector<std::string> command = {};  // for the manifest
  std::FILE* progress = stderr;           // null: silent
  std::function<bool()> interrupted = [] { return false; };
  std::function<void()> begun = [] {};  // called once nothing stands in the way of the first trial
  Mpi* mpi = nullptr;                   // other processes that take part
};

/// The trials that a run would run now; nothing is written.
std::vector<Task> pending(const Session& session);

/// What stopped a run that had begun (a full disk, say), and how much of it is stored.
struct RunFailed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What is stored of one experiment.
using Stored = std::pair<Plan, Results>;
std::vector<Stored> read_all(const Store& store);

/// A run that holds its directory as long as it lives.
class Run {
 public:
  /// Records what is asked for, and adds it to what is there. An Error, before anything is changed, if `out` cannot be
  /// written, has no room for what is expected, is being written by another process, or holds results that do not
  /// belong with these. The session must outlive the run.
  explicit Run(const Session& session);

  /// Runs what is missing and writes the manifest; false if it was interrupted first.
  bool complete();
  /// All that the directory holds.
  std::vector<Stored> stored() const { return read_all(store_); }
  /// `reason`, and how much is stored.
  RunFailed failed(const std::exception& reason) const;

 private:
  bool run_all();
  void write() const;

  const Session& session_;
  Store store_;
  std::vector<Task> tasks_;
  Manifest manifest_;
  std::size_t kept_ = 0;  // trials of this run that are committed
};

}  // namespace sigmagrad::lab
