// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/model/nearest.hpp>

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

namespace sigmagrad::lab {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);  // row[j]: distance of a's first i characters to b's first j
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::string nearest(std::string_view text, const std::vector<std::string>& candidates) {
  const auto best = std::ranges::min_element(candidates, {}, [&](const auto& c) { return edit_distance(text, c); });
  return best == candidates.end() ? std::string() : *best;
}

std::string unknown(std::string_view where, std::string_view kind, std::string_view text,
                    const std::vector<std::string>& candidates) {
  auto message = fmt::format("{}{}unknown {} '{}'", where, where.empty() ? "" : ": ", kind, text);
  if (!candidates.empty()) message += fmt::format("; did you mean '{}'?", nearest(text, candidates));
  return message;
}

}  // namespace sigmagrad::lab
