// SPDX-License-Identifier: BSD-3-Clause
// The options of every command that runs experiments, and the session that follows from them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sigmagrad/lab/program/command.hpp>
#include <sigmagrad/lab/run/session.hpp>

namespace sigmagrad::lab {

struct SessionOptions {
  std::string preset = "quick", shard = "1/1", out = {}, seed = "42";
  std::optional<std::int64_t> trials = {};
  int jobs = 0, threads = 1;
  bool fresh = false, retry_failed = false, dry_run = false, json = false;
  std::string claims = {};  // where the page of reproduction goes, "-" for standard output; none: nowhere
};

void declare_session_options(Options& options, SessionOptions& given);

/// The experiments `ids` with the preset, seed and number of trials that were given.
Wishes wishes_of(const SessionOptions& given, const std::vector<std::string>& ids);

/// `command` is what the user typed without the options declared here, for the manifest and for resuming; without
/// --out, the results go to runs/<name>-<time>.
Session session_of(const Wishes& wishes, const SessionOptions& given, std::vector<std::string> command,
                   const std::string& name);

}  // namespace sigmagrad::lab
