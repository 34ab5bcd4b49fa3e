// SPDX-License-Identifier: BSD-3-Clause
// A tiny experiment, registered for the tests alone.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sigmagrad/lab/program/drive.hpp>

namespace sigmagrad::testing {

/// Trials of the sample run by this process so far.
int sample_trials_run();

/// An empty directory of the test's own, removed with the process.
std::filesystem::path scratch_directory(const std::string& name);

lab::Wishes sample_wishes();
/// The sample with these values for one of its parameters.
lab::Wishes sample_with(const std::string& parameter, const std::vector<std::string>& values);
lab::Plan sample_plan();

/// The sample with these wishes, silent, into `out`.
lab::Session sample_session(const std::filesystem::path& out, const lab::Wishes& wishes = sample_wishes());

}  // namespace sigmagrad::testing
