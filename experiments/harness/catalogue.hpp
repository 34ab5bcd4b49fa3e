// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

namespace sigmagrad::experiments {

/// Every experiment with its source, times and parameters, for a terminal.
std::string catalogue_text();

/// The array `sigmagrad list --json` prints.
std::string catalogue_json_text();

}  // namespace sigmagrad::experiments
