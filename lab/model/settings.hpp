// SPDX-License-Identifier: BSD-3-Clause
// From what a user asks to what one experiment runs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sigmagrad/lab/model/experiment.hpp>

namespace sigmagrad::lab {

/// Values for one parameter, as text; `experiment` empty: of every experiment of the run that has the parameter.
struct Override {
  std::string experiment = {};
  std::string parameter = {};
  std::vector<std::string> values = {};
};

struct Request {
  std::vector<std::string> ids = {};
  Preset preset = Preset::Quick;
  std::uint64_t seed = 42;
  Stream stream = Stream::Philox;
  std::optional<std::int64_t> trials = {};  // none: the preset's
  std::vector<Override> overrides = {};     // a later one wins
};

/// All that determines the numbers of one experiment, and how many trials a group were asked for: the experiment may
/// give some groups a multiple of them.
struct Settings {
  const Experiment* experiment = nullptr;
  Preset preset = Preset::Quick;
  std::uint64_t seed = 42;
  Stream stream = Stream::Philox;
  std::int64_t trials = 0;
  std::vector<std::pair<std::string, Values>> lists = {};  // in the order declared
};

/// An Error where these are more trials or groups than one run may have, none at all, or no stream of the experiment's.
void check_limits(const Settings& settings);

/// One Settings an id. An Error names what is unknown, ill-typed or not offered, and the nearest valid name.
std::vector<Settings> resolve(const Request& request);

/// The cartesian product of the lists, the first varying slowest, without the points that are not valid.
std::vector<Params> grid(const Settings& settings);

/// What was resolved, for a terminal: the experiment, and below it every parameter with its values.
std::string to_text(const Settings& settings);

/// The trials of one group.
std::int64_t trials_of(const Settings& settings, const Params& params);

/// "seed: 42 -> 7" for everything but the number of trials that differs.
std::vector<std::string> differences(const Settings& stored, const Settings& asked);

}  // namespace sigmagrad::lab
