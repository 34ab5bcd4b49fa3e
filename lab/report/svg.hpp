// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

namespace sigmagrad::lab {

/// gnuplot's drawing of an SVG file, to stand inside a page: described by `alt`, ids made unique by `prefix`, about
/// half as long, without its white ground, and colours written as #rrggbb so that a style sheet can change them.
std::string inline_svg(std::string_view file, const std::string& prefix, std::string_view alt);

}  // namespace sigmagrad::lab
