// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include <sigmagrad/lab/run/session.hpp>

namespace sigmagrad::lab {

/// The groups and trials a session would run now, with estimates of time and disk; nothing is written.
std::string dry_run_text(const Session& session);

}  // namespace sigmagrad::lab
