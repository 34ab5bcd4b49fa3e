// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sigmagrad/lab/figures/gnuplot.hpp>

namespace sigmagrad::lab {

/// Draws figures into the folder, as many at once as there are cores, and returns what went wrong with each: an empty
/// text where nothing did. Where gnuplot has not answered for one, those not begun are left out.
std::vector<std::string> draw_all(const std::vector<const Figure*>& figures, const std::filesystem::path& folder,
                                  const DrawOptions& options = {});

}  // namespace sigmagrad::lab
