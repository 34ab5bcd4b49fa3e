// SPDX-License-Identifier: BSD-3-Clause
// From a session to its report.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <sigmagrad/lab/program/session_options.hpp>
#include <sigmagrad/lab/report/evaluation.hpp>

namespace sigmagrad::lab {

struct Outcome {
  std::vector<Evaluation> evaluations = {};  // of the experiments asked for, in that order
  std::vector<Evaluation> others = {};       // of what else the directory holds
  bool interrupted = false;                  // then nothing is evaluated; what had finished is stored
};

/// Runs what is missing in the session's directory, then writes manifest, figures and report of all that is stored
/// there. An Error before the first trial, RunFailed from then on.
Outcome drive(const Session& session);

/// Carries out what the user wishes, or prints what it would do, and returns the exit code; of the processes of an
/// `mpirun` the first alone asks for the wishes, so that what is wrong with them is said once. `command` and `name` as
/// session_of takes them.
int execute(const std::function<Wishes()>& wishes, const SessionOptions& given, std::vector<std::string> command,
            const std::string& name);

}  // namespace sigmagrad::lab
