// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <sigmagrad/inspect/tensor_row.hpp>

namespace sigmagrad::inspection {

/// Writes report.html, tensors.csv and figures/ with their data into the folder. Returns what could not be drawn.
std::vector<std::string> write_report(const std::vector<FileRows>& files, const std::vector<std::string>& failures,
                                      const std::filesystem::path& folder, const std::function<bool()>& interrupted);

}  // namespace sigmagrad::inspection
