// SPDX-License-Identifier: BSD-3-Clause
// What a table of groups shows, on a terminal and in the report alike.
#pragma once

#include <string>
#include <vector>

#include <sigmagrad/lab/model/plan.hpp>

namespace sigmagrad::lab {

/// The parameters that differ between groups; all of them where none does.
std::vector<std::string> shown_parameters(const Plan& plan);

/// Every metric some group has, without the points of curves.
std::vector<std::string> shown_metrics(const Results& results);

/// "15" or "15 (2 failed)"
std::string trials_text(const Group& group);

/// A line for each reason, with the trials that failed for it: a few by name, all as a number. After some reasons, the
/// number of the others.
std::vector<std::string> failure_lines(const Results& results);

}  // namespace sigmagrad::lab
