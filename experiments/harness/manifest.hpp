// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/experiments/harness/settings.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace sigmagrad::experiments {

/// What is needed to run the same again: every resolved parameter, the program and the machine.
struct Manifest {
  std::vector<std::string> command = {};
  std::string started = {};
  std::string finished = {};  // empty while running, and after an interruption
  int jobs = 0;
  std::string shard = "1/1";
  std::vector<Settings> settings = {};
};

/// Replaces `directory`/manifest.json in one step: a reader never sees half of it.
void write_manifest(const Manifest& manifest, const std::filesystem::path& directory);

}  // namespace sigmagrad::experiments
