// SPDX-License-Identifier: BSD-3-Clause
// Which of a run's groups a figure shows and a claim speaks of.
#pragma once

#include <sigmagrad/experiments/harness/figure.hpp>
#include <sigmagrad/experiments/harness/results.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sigmagrad::experiments::spectral {

/// `base` with the values of `changes`.
Selection with(Selection base, const Selection& changes);

/// The groups of `selection` that differ from the first of them in the parameter `x` alone: one line of a figure,
/// whatever else was swept.
Groups slice(const Results& results, const Selection& selection, std::string_view x);

/// The eight errors by their metric and their name in figures, in the order of paper 001, section 3.1.
const std::vector<std::pair<std::string, std::string>>& component_names();
/// Their names for Panel::categories.
std::vector<std::string> component_categories();
/// Medians with quartiles of every component's error in one group, a bar each.
Series component_bars(const Group& group, std::string label);
/// Means with one standard deviation, likewise.
Series component_means(const Group& group, std::string label);

}  // namespace sigmagrad::experiments::spectral
