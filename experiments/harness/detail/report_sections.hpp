// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/experiments/harness/evaluation.hpp>

#include <filesystem>
#include <string>

namespace sigmagrad::experiments::detail {

/// Question, what to observe, claims, figures, table of the groups and what failed, as one <section> under a
/// heading h1, h2, ...
std::string experiment_section(const Evaluation& evaluation, std::string_view heading,
                               const std::filesystem::path& figures);

}  // namespace sigmagrad::experiments::detail
