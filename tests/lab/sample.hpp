// SPDX-License-Identifier: BSD-3-Clause
// A tiny experiment, registered for the tests alone.
#pragma once

#include <filesystem>
#include <string>

#include <sigmagrad/lab/run/session.hpp>

namespace sigmagrad::testing {

/// Trials of the sample run by this process so far.
int sample_trials_run();

/// An empty directory of the test's own, removed with the process.
std::filesystem::path scratch_directory(const std::string& name);

lab::Request sample_request();

/// The sample with these settings, silent, into `out`.
lab::Session sample_session(const std::filesystem::path& out, const lab::Request& request = sample_request());

}  // namespace sigmagrad::testing
