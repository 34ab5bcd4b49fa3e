// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sigmagrad/lab/report/evaluation.hpp>

namespace sigmagrad::lab {

/// Results, claims and where the report is, on standard output: of a few experiments in full, of many as counts; or
/// `instead` and nothing else. What was left out and what has failed, on standard error.
void print_outcome(const std::vector<Evaluation>& evaluations, const std::filesystem::path& directory,
                   const std::string& instead = {});

/// Whether a stored row was damaged and left out.
bool any_damaged(const std::vector<Evaluation>& evaluations);

}  // namespace sigmagrad::lab
