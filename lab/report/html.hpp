// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sigmagrad::lab {

/// `text` with & < > " ' as entities: safe in an element and in a quoted attribute.
std::string html_escaped(std::string_view text);

/// <name attributes>content</name>; the content is HTML already, the attributes too.
std::string element(std::string_view name, std::string_view content, std::string_view attributes = {});

/// A link whose text stands as it is given.
std::string link(std::string_view target, std::string_view text);

/// A table with a header row in a box that scrolls sideways on a narrow screen, also by the keyboard; the cells are
/// HTML already, `name` is what a screen reader says.
std::string html_table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows,
                       std::string_view css_class, std::string_view name);

/// A whole page in the report's style; `content` and what `more` adds to its head are HTML already.
std::string html_page(std::string_view title, std::string_view content, std::string_view more = {});

}  // namespace sigmagrad::lab
