// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include <sigmagrad/experiments/harness/evaluation.hpp>

namespace sigmagrad::experiments::detail {

/// The top of a report on several experiments: claims counted by document, every claim with a link to where it is
/// judged, every experiment.
std::string report_index(const std::vector<Evaluation>& evaluations);

}  // namespace sigmagrad::experiments::detail
