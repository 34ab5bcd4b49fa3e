// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <sigmagrad/experiments/harness/figure.hpp>

namespace sigmagrad::experiments::spectral {

struct LabelledGroup {
  std::string label;
  const Group* group;
};

/// A group for each selection that was run, under its label.
std::vector<LabelledGroup> those_run(const Results& results,
                                     const std::vector<std::pair<std::string, Selection>>& wanted);

/// The errors of all components as paper 001 draws them, a bar a group in each: medians with quartiles, and beside
/// them the paper's means with one standard deviation.
Panel component_bars(std::string title, const std::vector<LabelledGroup>& groups);

}  // namespace sigmagrad::experiments::spectral
