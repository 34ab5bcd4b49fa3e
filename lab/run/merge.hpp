// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sigmagrad/lab/run/damage.hpp>

namespace sigmagrad::lab {

/// Joins the results of several directories in `into`, which may hold some already. An Error, before anything is
/// changed, if an experiment was run with another preset, seed or stream in two of them, or a trial that two of them
/// hold has other numbers; one that failed in one of them and succeeded in another has succeeded. Damaged rows are left
/// out, and returned.
std::vector<Damage> merge(const std::vector<std::filesystem::path>& directories, const std::filesystem::path& into,
                          const std::vector<std::string>& command);

}  // namespace sigmagrad::lab
