// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <vector>

#include <sigmagrad/experiments/harness/evaluation.hpp>

namespace sigmagrad::app {

/// Results, claims and where the report is, on standard output: of a few experiments in full, of many as counts; or one
/// JSON object. What was left out and what has failed, on standard error.
void print_outcome(const std::vector<experiments::Evaluation>& evaluations, const std::filesystem::path& directory,
                   bool json = false);

/// Whether a stored row was damaged and left out.
bool any_damaged(const std::vector<experiments::Evaluation>& evaluations);

}  // namespace sigmagrad::app
