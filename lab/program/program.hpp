// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

namespace sigmagrad::lab {

/// The whole of a laboratory's program: list, run, report, merge, export and completion of the experiments that are
/// registered in it. Returns the exit code.
///
///   int main(int argc, char** argv) { return sigmagrad::lab::main(argc, argv); }
int main(int argc, char** argv);

/// The program of this name with these arguments. Exit codes: 0 done, 1 a trial failed or a stored one is damaged, 2
/// bad arguments or a wrong declaration (one line on standard error), 130 interrupted.
int run_program(const std::vector<std::string>& arguments, const std::string& name = "sigmagrad");

/// What the user called: how messages begin, and what a command that resumes a run is told to be.
const std::string& program_name();

}  // namespace sigmagrad::lab
