// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>

#include <sigmagrad/lab/run/session.hpp>

namespace sigmagrad::lab {

/// The groups and trials a session would run now, with estimates of time and disk; nothing is written.
std::string dry_run_text(const Session& session);

/// What so many trials, and the reports of so many experiments, may take on the disk.
double expected_bytes(std::size_t trials, std::size_t experiments);

}  // namespace sigmagrad::lab
