// SPDX-License-Identifier: BSD-3-Clause
// A run from its settings to its files.
#pragma once

#include <cstdio>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include <sigmagrad/lab/report/evaluation.hpp>
#include <sigmagrad/lab/run/runner.hpp>

namespace sigmagrad::lab {

struct Session {
  std::vector<Settings> settings = {};
  std::filesystem::path out = {};
  int jobs = 0;  // 0: one a core
  Shard shard = {};
  bool fresh = false;                     // forget what is stored of these experiments
  Failed failed = Failed::Kept;           // Retried: what is stored as failed runs again
  std::vector<std::string> command = {};  // for the manifest
  std::FILE* progress = stderr;           // null: silent
  std::function<bool()> interrupted = [] { return false; };
  std::function<void()> begun = [] {};  // called once nothing stands in the way of the first trial
  Mpi* mpi = nullptr;                   // other processes that take part
};

struct Outcome {
  std::vector<Evaluation> evaluations = {};  // of the experiments asked for, in that order
  bool interrupted = false;                  // then nothing is evaluated; what had finished is stored
};

/// The trials `run` would run now; nothing is written.
std::vector<Task> pending(const Session& session);

/// What stopped a run that had begun (a full disk, say), and how much of it is stored.
struct RunFailed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Runs what is missing in `out`, then writes manifest, figures and report of all that is stored there. An Error
/// before the first trial where `out` cannot be written, has no room for what is expected, is being written by another
/// process or holds results of other parameters; RunFailed from then on.
Outcome run(const Session& session);

/// Figures and report again, from what is stored. Damaged rows there are left out, and noted with those of `elsewhere`.
std::vector<Evaluation> rebuild_report(const std::filesystem::path& directory,
                                       const std::vector<Damage>& elsewhere = {});

}  // namespace sigmagrad::lab
