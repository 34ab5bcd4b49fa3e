// SPDX-License-Identifier: BSD-3-Clause
// Which files a command line of files and folders means.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace sigmagrad::inspection {

struct FoundFiles {
  std::vector<std::filesystem::path> files = {};
  std::vector<std::string> failures = {};  // a line each
};

/// The files named, and those in the folders named that may hold tensors, folders within folders too, each folder in
/// the order of `natural_less`. Shards that an index beside them names are left to the index. What is not there, and a
/// folder without such a file, is a failure.
FoundFiles find_model_files(const std::vector<std::string>& inputs);

/// Whether `a` comes before `b` where runs of digits count as numbers: step_9 before step_10.
bool natural_less(std::string_view a, std::string_view b);

}  // namespace sigmagrad::inspection
