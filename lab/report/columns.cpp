// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/report/columns.hpp>

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

namespace sigmagrad::lab {

std::vector<std::string> shown_parameters(const Plan& plan) {
  std::vector<std::string> varied, all;
  for (const auto& [name, values] : plan.lists) {
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

namespace {

struct Reason {
  std::string text = {};
  std::vector<std::string> first = {};  // trials that failed for it
  std::size_t count = 0;
};

std::vector<Reason> reasons_of(const Results& results, std::size_t named) {
  std::vector<Reason> reasons;
  std::unordered_map<std::string_view, std::size_t> places;
  for (const Group& group : results.groups())
    for (const auto& [trial, text] : group.failures()) {
      const auto [place, is_new] = places.try_emplace(text, reasons.size());
      if (is_new) reasons.push_back({.text = text});
      Reason& reason = reasons[place->second];
      if (++reason.count <= named) reason.first.push_back(fmt::format("{} trial {}", to_text(group.params()), trial));
    }
  return reasons;
}

}  // namespace

std::vector<std::string> failure_lines(const Results& results) {
  constexpr std::size_t most = 20, named = 3;
  const auto reasons = reasons_of(results, named);
  std::vector<std::string> lines;
  for (const Reason& reason : reasons) {
    if (lines.size() == most) break;
    const auto trials = fmt::format("{}", fmt::join(reason.first, "; "));
    if (reason.count == 1) {
      lines.push_back(fmt::format("{}: {}", trials, reason.text));
    } else {
      lines.push_back(fmt::format("{} trials: {} ({}{})", reason.count, reason.text, trials,
                                  reason.count > named ? fmt::format("; and {} more", reason.count - named) : ""));
    }
  }
  if (reasons.size() > most) lines.push_back(fmt::format("and {} more reasons", reasons.size() - most));
  return lines;
}

}  // namespace sigmagrad::lab
