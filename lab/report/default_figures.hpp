// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include <sigmagrad/lab/model/experiment.hpp>

namespace sigmagrad::lab {

/// Figures of an experiment that declares none: medians of what was recorded along the first parameter that several
/// values were run of, in the colours of the second one, and the curves.
std::vector<FigureSource> default_figures(const Experiment& experiment, const Results& results);

}  // namespace sigmagrad::lab
