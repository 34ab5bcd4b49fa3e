// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <sigmagrad/experiments/spectral/groups.hpp>

namespace sigmagrad::experiments::spectral {

Selection with(Selection base, const Selection& changes) {
  for (const auto& [name, value] : changes) {
    const auto place = std::ranges::find(base, name, &Selection::value_type::first);
    if (place == base.end())
      base.emplace_back(name, value);
    else
      place->second = value;
  }
  return base;
}

Groups slice(const Results& results, const Selection& selection, std::string_view x) {
  const auto groups = results.where(selection);
  if (groups.empty()) return groups;
  auto others = groups.front()->params().items();
  std::erase_if(others, [&](const auto& item) { return item.first == x; });
  return results.where(with(others, selection));
}

}  // namespace sigmagrad::experiments::spectral
