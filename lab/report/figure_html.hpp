// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sigmagrad/lab/model/figure.hpp>

namespace sigmagrad::lab {

/// Links to <stem>.csv and so on, beside the page.
std::string file_links(const std::string& stem, const std::vector<std::string>& endings);

/// The drawing <name>.svg of `folder`, which is figures/ beside the page, with its caption, `note` and links to its
/// files; nothing where it was not drawn.
std::string figure_html(const Figure& figure, const std::string& note, const std::filesystem::path& folder);

}  // namespace sigmagrad::lab
