// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sigmagrad/lab/model/plan.hpp>

namespace sigmagrad::lab {

/// What is needed to run the same again: every resolved parameter, the program and the machine.
struct Manifest {
  std::vector<std::string> command = {};
  std::string started = {};
  std::string finished = {};  // empty while running, and after an interruption
  int jobs = 1;               // threads of all processes
  std::string shard = "1/1";
  std::vector<std::string> processes = {};  // those of an `mpirun`: where each ran
  std::vector<Plan> plans = {};
  std::vector<std::string> earlier = {};  // of the runs whose trials are here too, as earlier_manifests gives them
};

/// The runs that left their trials in `directory`: what its manifest says, without the parameters. None without one.
std::vector<std::string> earlier_manifests(const std::filesystem::path& directory);

/// When and with what one run made its trials.
struct RunRecord {
  std::string started = {};
  std::string version = {};
  std::string revision = {};
  std::string cpu = {};
  unsigned cores = 0;
};

/// The runs that `directory`'s manifest tells of, the oldest first.
std::vector<RunRecord> runs_in(const std::filesystem::path& directory);

/// Replaces `directory`/manifest.json in one step: a reader never sees half of it.
void write_manifest(const Manifest& manifest, const std::filesystem::path& directory);

}  // namespace sigmagrad::lab
