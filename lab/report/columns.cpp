// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/report/columns.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace sigmagrad::lab {

std::vector<std::string> shown_parameters(const Settings& settings) {
  std::vector<std::string> varied, all;
  for (const auto& [name, values] : settings.lists) {
    all.push_back(name);
    if (values.size() > 1) varied.push_back(name);
  }
  return varied.empty() ? all : varied;
}

std::vector<std::string> shown_metrics(const Results& results) {
  std::vector<std::string> names;
  for (const Group& group : results.groups())
    for (const auto& name : group.metrics())
      if (!is_curve_point(name) && std::ranges::find(names, name) == names.end()) names.push_back(name);
  return names;
}

std::string trials_text(const Group& group) {
  const auto failed = group.failures().size();
  return failed ? fmt::format("{} ({} failed)", group.trials(), failed) : fmt::format("{}", group.trials());
}

std::vector<std::string> failure_lines(const Results& results) {
  constexpr std::size_t most = 20;
  std::vector<std::string> lines;
  std::size_t others = 0;
  for (const Group& group : results.groups())
    for (const auto& [trial, reason] : group.failures()) {
      if (lines.size() < most) {
        lines.push_back(fmt::format("{} trial {}: {}", to_text(group.params()), trial, reason));
      } else {
        ++others;
      }
    }
  if (others > 0) lines.push_back(fmt::format("and {} more failed trials", others));
  return lines;
}

}  // namespace sigmagrad::lab
