// SPDX-License-Identifier: BSD-3-Clause
// Numbers and texts as people read them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sigmagrad::lab {

/// Three significant digits: 0.134, 6.6e-05, 13167.
std::string short_number(double value);
/// "4 s", "12 min", "3.1 h"
std::string short_duration(double seconds);
/// Columns on a terminal, taking every UTF-8 character for one.
std::size_t display_width(std::string_view text);
/// Breaks at spaces so that no line is longer than `width`, unless a single word is.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

/// `text` as one word of a shell's command line, quoted where it must be.
std::string shell_quoted(std::string_view text);

/// Cells as one line of a CSV file, in quotation marks where they must be.
std::string csv_line(const std::vector<std::string>& cells);

/// Aligned columns, two spaces apart; the first row is the header. `indent` spaces stand before each row.
std::string align(const std::vector<std::vector<std::string>>& rows, std::size_t indent = 0);

}  // namespace sigmagrad::lab
