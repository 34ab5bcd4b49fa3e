// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include <sigmagrad/lab/model/experiment.hpp>

namespace sigmagrad::lab {

/// Every experiment with its source, times and parameters, for a terminal.
std::string catalogue_text();

/// One experiment with its question, what to observe, and what its parameters mean.
std::string experiment_text(const Experiment& experiment);

/// The array `sigmagrad list --json` prints.
std::string catalogue_json_text();

}  // namespace sigmagrad::lab
