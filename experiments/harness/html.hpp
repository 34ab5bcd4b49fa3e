// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sigmagrad::experiments {

/// `text` with & < > " ' as entities: safe in an element and in a quoted attribute.
std::string html_escaped(std::string_view text);

/// <name attributes>content</name>; the content is HTML already, the attributes too.
std::string element(std::string_view name, std::string_view content, std::string_view attributes = {});

/// A table with a header row in a box that scrolls sideways on a narrow screen; the cells are HTML already.
std::string html_table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows,
                       std::string_view css_class = {});

/// The drawing of an SVG file, to stand inside a page: ids made unique by `prefix`, described by `alt`.
std::string inline_svg(std::string_view file, const std::string& prefix, std::string_view alt);

}  // namespace sigmagrad::experiments
