// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/inspect/name_lists.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <sigmagrad/lab/model/text.hpp>

namespace sigmagrad::inspection {

std::string wrapped_text(const std::string& text, std::size_t width, const std::string& indent) {
  std::string all;
  for (const auto& line : lab::wrap(text, width > indent.size() ? width - indent.size() : 1))
    all += (all.empty() ? "" : indent) + line + '\n';
  return all;
}

void NameLists::add(const std::string& reason, const std::string& name) {
  auto known = std::ranges::find(lists_, reason, [](const auto& list) { return list.first; });
  if (known == lists_.end()) known = lists_.insert(known, {reason, {}});
  known->second.push_back(name);
}

std::string NameLists::text(const std::string& what, std::size_t width) const {
  std::string text;
  for (const auto& [reason, names] : lists_)
    text += wrapped_text(fmt::format("{}, {}: {}", what, reason, fmt::join(names, ", ")), width, "  ");
  return text;
}

}  // namespace sigmagrad::inspection
