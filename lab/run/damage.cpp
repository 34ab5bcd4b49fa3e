// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/run/damage.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace sigmagrad::lab {

std::string to_text(const std::vector<Damage>& damaged) {
  constexpr std::size_t most = 20;
  auto text = fmt::format("{} row{} (", damaged.size(), damaged.size() == 1 ? "" : "s");
  for (std::size_t i = 0; i < std::min(most, damaged.size()); ++i) text += (i > 0 ? ", " : "") + damaged[i].what;
  if (damaged.size() > most) text += fmt::format(" and {} more", damaged.size() - most);
  return text + ')';
}

}  // namespace sigmagrad::lab
