// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace sigmagrad::lab {

/// Where in a document a source is: places sort as the document's sections do, appendices after them, and sources
/// without a number of that document last.
struct Place {
  enum class Part { Section, Appendix, None };

  Part part = Part::None;
  std::vector<int> numbers = {};  // 4, 1 of "section 4.1"; 3, 2 of "appendix C.2"

  auto operator<=>(const Place&) const = default;  // NOLINT(modernize-use-nullptr): there is no pointer
};

/// The first numbered section, theorem, equation or table that `source` names of `document` ("paper 001"). Figures are
/// numbered through a document and say nothing of where they stand.
Place place_of(std::string_view source, std::string_view document);

/// "4.1", "C.2": the first two numbers, under which places that belong together are listed. Empty without a number.
std::string heading_of(const Place& place);

}  // namespace sigmagrad::lab
