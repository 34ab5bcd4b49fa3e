// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <sigmagrad/inspect/comparison.hpp>

namespace sigmagrad::inspection {

/// Writes report.html, changes.csv and figures/ with their data into the folder: for each matrix its spectra, and the
/// principal angles to one other file or curves over several. Returns what could not be drawn.
std::vector<std::string> write_change_report(const std::vector<FileChanges>& changes,
                                             const std::vector<std::string>& failures,
                                             const std::filesystem::path& folder,
                                             const std::function<bool()>& interrupted);

}  // namespace sigmagrad::inspection
