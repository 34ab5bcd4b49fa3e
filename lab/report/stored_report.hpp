// SPDX-License-Identifier: BSD-3-Clause
// The report of what a directory holds.
#pragma once

#include <filesystem>
#include <vector>

#include <sigmagrad/lab/report/evaluation.hpp>
#include <sigmagrad/lab/run/damage.hpp>
#include <sigmagrad/lab/run/session.hpp>

namespace sigmagrad::lab {

std::vector<Evaluation> evaluate_all(std::vector<Stored> stored);

/// Figures and report again, from what is stored. Damaged rows there are left out, and noted with those of `elsewhere`.
std::vector<Evaluation> rebuild_report(const std::filesystem::path& directory,
                                       const std::vector<Damage>& elsewhere = {});

}  // namespace sigmagrad::lab
