// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>
#include <vector>

#include <sigmagrad/lab/run/task.hpp>

namespace sigmagrad::lab {

/// Runs trials of one group in the calling thread. A metric that is not finite makes a failed trial, unless its
/// experiment takes a diverged one for a result; if the group throws, each trial runs alone, and those that throw then
/// have failed.
std::vector<Finished> run_trials(std::span<const Task> tasks);

}  // namespace sigmagrad::lab
