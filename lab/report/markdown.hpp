// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sigmagrad::lab {

/// `text` as it stands, on one line: what Markdown would take for marks is escaped, and so is the bar between the cells
/// of a table.
std::string markdown_text(std::string_view text);

/// A table; the cells are Markdown, the first row is the header. All columns but the first are numbers, on the right.
std::string markdown_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace sigmagrad::lab
