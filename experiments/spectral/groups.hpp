// SPDX-License-Identifier: BSD-3-Clause
// Which of a run's groups a figure shows and a claim speaks of.
#pragma once

#include <sigmagrad/experiments/harness/results.hpp>
#include <string_view>

namespace sigmagrad::experiments::spectral {

/// `base` with the values of `changes`.
Selection with(Selection base, const Selection& changes);

/// The groups of `selection` that differ from the first of them in the parameter `x` alone: one line of a figure,
/// whatever else was swept.
Groups slice(const Results& results, const Selection& selection, std::string_view x);

}  // namespace sigmagrad::experiments::spectral
