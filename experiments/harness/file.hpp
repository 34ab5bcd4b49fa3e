// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>

namespace sigmagrad::experiments {

/// Replaces the file in one step, so that a reader sees the old text or the new one; an Error where it cannot.
void write_file(const std::filesystem::path& path, const std::string& text);

/// An Error where the file cannot be read.
std::string read_file(const std::filesystem::path& path);

}  // namespace sigmagrad::experiments
