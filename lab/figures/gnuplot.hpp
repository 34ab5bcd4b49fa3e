// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include <sigmagrad/lab/model/figure.hpp>

namespace sigmagrad::lab {

/// One row a point: panel,series,x,y,low,high,value,drawn,label. One row a cell of a matrix: x is its column, y its
/// row, from 0, and the label their names; `value` is empty for all else. The figure leaves out the points of long
/// lines that nobody could see (drawn = 0).
std::string figure_csv(const Figure& figure);

/// A script that draws <name>.svg and <name>.png from <name>.csv in its folder: `gnuplot <name>.gp`.
std::string gnuplot_script(const Figure& figure);

/// How long gnuplot may take for a figure: 120 s, or what the environment says in seconds.
inline constexpr const char* figure_limit_variable = "SIGMAGRAD_FIGURE_SECONDS";
std::chrono::milliseconds figure_limit();

struct DrawOptions {
  std::chrono::milliseconds limit = figure_limit();
  std::function<bool()> interrupted = [] { return false; };  // true kills gnuplot
};

/// What went wrong, or nothing; `late`: gnuplot did not end in time.
struct Drawn {
  std::string note = {};
  bool late = false;
};

/// Writes <name>.csv and <name>.gp into the folder, and removes what an earlier run has drawn of that name.
void write_undrawn(const Figure& figure, const std::filesystem::path& folder);

/// Does that, and runs gnuplot there. Data and script are there in any case.
Drawn draw(const Figure& figure, const std::filesystem::path& folder, const DrawOptions& options = {});

/// A double-quoted gnuplot string that shows `text` as it stands, broken into lines of at most `width` characters.
std::string gnuplot_string(std::string_view text, std::size_t width);

}  // namespace sigmagrad::lab
