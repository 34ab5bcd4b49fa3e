// SPDX-License-Identifier: BSD-3-Clause
// What `run` and `reproduce` share: options, the session that follows from them, its outcome on the console.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/lab/model/nearest.hpp>
#include <sigmagrad/lab/run/session.hpp>

namespace sigmagrad::lab {

struct SessionOptions {
  std::string preset = "quick", shard = "1/1", out = {}, seed = "42";
  std::optional<std::int64_t> trials = {};
  int jobs = 0;
  bool fresh = false, retry_failed = false, dry_run = false, json = false;
};

void declare_session_options(CLI::App& options, SessionOptions& given);

/// The experiments `ids` with the preset, seed and number of trials that were given.
Request request_of(const SessionOptions& given, const std::vector<std::string>& ids);

/// Carries out the request, or prints what it would do, and returns the exit code; of the processes of an `mpirun` the
/// first alone asks for the request, so that what is wrong with it is said once. `command` is what the user typed
/// without the options declared here, for the manifest and for resuming; without --out, the results go to
/// runs/<name>-<time>.
int execute(const std::function<Request()>& request, const SessionOptions& given, std::vector<std::string> command,
            const std::string& name);

/// The choice of this name; an Error with the nearest one where there is none.
template <class Choice>
Choice choose(std::string_view option, const std::string& text, const std::map<std::string, Choice>& choices) {
  if (const auto found = choices.find(text); found != choices.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [name, choice] : choices) names.push_back(name);
  throw Error(unknown("run", option, text, names));
}

}  // namespace sigmagrad::lab
