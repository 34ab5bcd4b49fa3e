// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <sigmagrad/lab/report/evaluation.hpp>

namespace sigmagrad::lab {

/// Draws every figure into `directory`/figures, writes the tables into `directory`/tables, and `directory`/report.html,
/// one self-contained page. What could not be drawn is added to the notes. Returns false where `interrupted` turned
/// true before all was drawn: then there is no new page.
bool write_report(
    std::vector<Evaluation>& evaluations, const std::filesystem::path& directory,
    const std::function<bool()>& interrupted = [] { return false; });

/// The page; the figures' .svg files are read from `figures`, the manifest is shown as it stands.
std::string report_html(const std::vector<Evaluation>& evaluations, const std::filesystem::path& figures,
                        const std::string& manifest);

}  // namespace sigmagrad::lab
