// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include <sigmagrad/lab/report/evaluation.hpp>

namespace sigmagrad::lab::detail {

/// The top of a report on several experiments: claims counted by document, every claim with a link to where it is
/// judged, every experiment.
std::string report_index(const std::vector<Evaluation>& evaluations);

}  // namespace sigmagrad::lab::detail
