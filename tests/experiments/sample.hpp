// SPDX-License-Identifier: BSD-3-Clause
// A tiny experiment, registered for the tests alone.
#pragma once

#include <filesystem>
#include <string>

#include <sigmagrad/experiments/harness/session.hpp>

namespace sigmagrad::testing {

/// Trials of the sample run by this process so far.
int sample_trials_run();

/// An empty directory of the test's own, removed with the process.
std::filesystem::path scratch_directory(const std::string& name);

experiments::Request sample_request();

/// The sample with these settings, silent, into `out`.
experiments::Session sample_session(const std::filesystem::path& out,
                                    const experiments::Request& request = sample_request());

}  // namespace sigmagrad::testing
