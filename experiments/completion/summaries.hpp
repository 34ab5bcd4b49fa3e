// SPDX-License-Identifier: BSD-3-Clause
// Figures and numbers over several groups of paper 002's experiments.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <sigmagrad/lab/model/experiment.hpp>

namespace sigmagrad::experiments::completion {

using namespace lab;

/// Those of the groups that measured it.
Groups having(const Groups& groups, const std::string& metric);

/// The trials of all groups together; NotRun where there are none.
std::vector<double> pooled(const Groups& groups, const std::string& metric);
double pooled_mean(const Groups& groups, const std::string& metric);
/// "1.34 +- 0.02", with the standard error.
std::string mean_and_error(const Groups& groups, const std::string& metric);

/// Means with their standard errors over all groups that share a value of `x`, as a line.
Series mean_line(const Groups& groups, std::string_view x, const std::string& metric, std::string label);
/// Means with standard deviations over the same.
Series spread_line(const Groups& groups, std::string_view x, const std::string& metric, std::string label);
/// Medians with quartiles over the same.
Series median_line(const Groups& groups, std::string_view x, const std::string& metric, std::string label);

/// A summary against the scale of the start, a line for each depth: `line` is one of the above.
using Summary = Series (*)(const Groups&, std::string_view, const std::string&, std::string);
Panel by_scale(const Groups& groups, const std::string& metric, Summary line);

}  // namespace sigmagrad::experiments::completion
