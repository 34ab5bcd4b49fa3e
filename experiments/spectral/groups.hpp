// SPDX-License-Identifier: BSD-3-Clause
// Which of a run's groups a figure shows and a claim speaks of.
#pragma once

#include <string>
#include <vector>

#include <sigmagrad/experiments/harness/results.hpp>

namespace sigmagrad::experiments::spectral {

/// `base` with the values of `changes`.
Selection with(Selection base, const Selection& changes);

/// The combinations of these parameters' values that were run: a figure each.
std::vector<Selection> settings_of(const Results& results, const std::vector<std::string>& parameters);

/// The name of the `index`-th figure of a kind: "spectral-gradient", "spectral-gradient-2", ...
std::string numbered(const std::string& name, std::size_t index);

}  // namespace sigmagrad::experiments::spectral
