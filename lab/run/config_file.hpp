// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sigmagrad/lab/model/plan.hpp>

namespace sigmagrad::lab {

/// Parameters from a TOML file: `d = [32, 64]` for every experiment of the run that has a d, and below a table
/// `["spectral/depth"]` for that one. An Error names the file and the line.
std::vector<Override> read_config(const std::filesystem::path& path);

/// "d=32,64" as an Override; `one_value` takes all behind the = for one value.
Override parse_override(const std::string& text, bool one_value);

}  // namespace sigmagrad::lab
