// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

namespace sigmagrad::lab {

/// The program `sigmagrad` with these arguments. Exit codes: 0 done, 1 a trial failed or a stored one is damaged, 2 bad
/// arguments (one line on standard error), 130 interrupted.
int run_program(const std::vector<std::string>& arguments);

}  // namespace sigmagrad::lab
