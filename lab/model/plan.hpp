// SPDX-License-Identifier: BSD-3-Clause
// What one experiment runs: the form of a user's request that runner, store, manifest, export, merge and report share.
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

/// What a user asks for.
struct Wishes {
  std::vector<std::string> ids = {};
  Preset preset = Preset::Quick;
  std::uint64_t seed = 42;
  Stream stream = Stream::Philox;
  std::optional<std::int64_t> trials = {};  // none: the preset's
  std::vector<Override> overrides = {};     // a later one wins
};

/// Each parameter with its values, in the order declared.
using ValueLists = std::vector<std::pair<std::string, Values>>;

/// A grid of parameters, and how many trials each of its groups was asked for: the experiment may give some groups a
/// multiple of them.
struct Sweep {
  std::int64_t trials = 0;
  ValueLists lists = {};
};

struct PlannedGroup {
  Params params = {};
  std::int64_t trials = 0;
};

/// All that determines the numbers of one experiment. A directory that has grown holds several sweeps; if a group
/// belongs to several, the latest says how many trials it has.
struct Plan {
  const Experiment* experiment = nullptr;
  Preset preset = Preset::Quick;
  std::uint64_t seed = 42;
  Stream stream = Stream::Philox;
  std::vector<Sweep> sweeps = {};         // the latest last, at least one
  ValueLists lists = {};                  // of all sweeps together
  std::vector<PlannedGroup> groups = {};  // the valid points of the sweeps, the first parameter varying slowest

  TrialKey key(const PlannedGroup& group, std::int64_t trial) const { return {group.params, trial, seed, stream}; }
  std::int64_t trials() const { return sweeps.back().trials; }
};

/// Works out lists and groups of the plan's sweeps: the one door for what is typed and what is read from a file. An
/// Error if these are more trials or groups than one run may have, none at all, or no stream of the experiment's.
Plan with_groups(Plan plan);

/// What is to be run of one experiment. An Error names a value that is ill-typed or not offered, and the nearest valid
/// one.
Plan plan(const Experiment& experiment, const Wishes& wishes);

/// A plan for each id. An Error names what is unknown, and the nearest valid name.
std::vector<Plan> plans(const Wishes& wishes);

/// Why trials of the two do not belong together ("seed: 42 -> 7"): the preset, the seed, the stream, the names of the
/// parameters, or a stored value that the experiment no longer takes. Nothing if the second may add to the first.
std::vector<std::string> differences(const Plan& stored, const Plan& asked);

/// The first plan and what the second adds to it: further values of its parameters, another number of trials.
Plan grown(Plan stored, const Plan& asked);
/// Both plans together: each group with the larger number of trials.
Plan joined(Plan one, const Plan& other);

/// For a terminal: the experiment, and below it every parameter with its values.
std::string to_text(const Plan& plan);

}  // namespace sigmagrad::lab
