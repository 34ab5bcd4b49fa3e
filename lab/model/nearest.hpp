// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sigmagrad::lab {

/// Insertions, deletions and substitutions that turn one text into the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate with the least edit distance, the first of several; empty where there is no candidate.
std::string nearest(std::string_view text, const std::vector<std::string>& candidates);

/// "run: unknown option '--trails'; did you mean '--trials'?"; an empty `where` is left out.
std::string unknown(std::string_view where, std::string_view kind, std::string_view text,
                    const std::vector<std::string>& candidates);

}  // namespace sigmagrad::lab
