// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <sigmagrad/lab/report/evaluation.hpp>

namespace sigmagrad::lab::detail {

/// Question, what to observe, figures, claims, table of the groups and what failed, as one <section>. One of many is
/// headed by an h2, leads back to the index, and keeps its long table closed.
std::string experiment_section(const Evaluation& evaluation, bool one_of_many, const std::filesystem::path& figures);

/// The verdict in words, coloured.
std::string verdict_html(Verdict verdict);

/// The id of a claim's row within the page.
std::string claim_anchor(const Experiment& experiment, std::size_t index);

}  // namespace sigmagrad::lab::detail
