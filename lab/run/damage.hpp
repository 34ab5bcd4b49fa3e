// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

namespace sigmagrad::lab {

/// A row of results.db that is not what was written, by the checksum that stands beside it: it counts as missing.
struct Damage {
  std::string experiment = {};  // as far as it can be read
  std::string what = {};        // "trial 3 of spectral/depth {"d":16}"
};

/// "2 rows (trial 3 of ..., trial 4 of ...)": a few by name, all as a number.
std::string to_text(const std::vector<Damage>& damaged);

/// How a damaged file is mended.
inline constexpr const char* to_mend = "the same `run` with the same --out runs again what is lost";

}  // namespace sigmagrad::lab
