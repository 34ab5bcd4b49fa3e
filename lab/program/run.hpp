// SPDX-License-Identifier: BSD-3-Clause
// Experiments from a program of one's own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sigmagrad/lab/model/parameters.hpp>
#include <sigmagrad/lab/model/results.hpp>
#include <sigmagrad/lab/model/trial.hpp>

namespace sigmagrad::lab {

struct RunOptions {
  Preset preset = Preset::Quick;
  std::optional<std::int64_t> trials = {};  // a group; none: the preset's
  std::uint64_t seed = 42;
  Stream stream = Stream::Philox;
  int jobs = 0;                                             // threads; 0: one a core. Results do not depend on it
  std::vector<std::pair<std::string, Values>> values = {};  // of parameters to sweep, in place of the preset's
  std::filesystem::path out = {};                           // none: nothing is written
};

/// Runs an experiment and returns what its trials recorded, the same numbers as `run` of the program:
///
///   const Results r = lab::run("mine/depth", {.trials = 8, .values = {{"depth", {2, 3}}}});
///   r.at(depth == 3).median(rank);
///
/// With a directory, what is missing there is run, and its files and its report are written. A trial that throws or
/// records a number that is not finite has failed: Group::failures says why. An Error if the experiment or a value is
/// unknown, or the directory cannot be written or holds results of another seed.
Results run(const std::string& id, const RunOptions& options = {});

}  // namespace sigmagrad::lab
