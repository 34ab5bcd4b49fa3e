// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/spectral/groups.hpp>

#include <algorithm>

#include <fmt/format.h>

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

std::vector<Selection> settings_of(const Results& results, const std::vector<std::string>& parameters) {
  std::vector<Selection> settings;
  for (const Group* group : results.where()) {
    Selection setting;
    for (const auto& name : parameters) setting.emplace_back(name, group->params()[name]);
    if (std::ranges::find(settings, setting) == settings.end()) settings.push_back(setting);
  }
  return settings;
}

std::string numbered(const std::string& name, std::size_t index) {
  return index == 0 ? name : fmt::format("{}-{}", name, index + 1);
}

}  // namespace sigmagrad::experiments::spectral
