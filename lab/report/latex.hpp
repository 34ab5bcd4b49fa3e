// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

namespace sigmagrad::lab {

/// Text as it stands, in LaTeX: special characters escaped, Greek letters and signs as commands.
std::string latex_text(std::string_view text);

}  // namespace sigmagrad::lab
