// SPDX-License-Identifier: BSD-3-Clause
// What has changed between files, as text.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <sigmagrad/inspect/comparison.hpp>

namespace sigmagrad::inspection {

/// A table a pair of files, then what was not compared, by reason, and the tensors without a partner. `width` as in
/// `table_text` of a sheet.
std::string changes_table_text(const std::vector<FileChanges>& changes, std::size_t width);
std::string changes_json_text(const std::vector<FileChanges>& changes);
std::string changes_csv_text(const std::vector<FileChanges>& changes);

}  // namespace sigmagrad::inspection
