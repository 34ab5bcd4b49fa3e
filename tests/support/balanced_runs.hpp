// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/tests/support/golden_runs.hpp>
#include <string>

// Reading what `sigmagrad run --json` prints.
namespace sigmagrad::testing {

/// The median of one metric of one group.
inline double metric(const nlohmann::json& group, const std::string& name, const char* statistic = "median") {
  return group.at("metrics").at(name).at(statistic);
}

/// The verdict on the claim that contains `words`.
inline std::string verdict_of(const nlohmann::json& result, const std::string& words) {
  for (const auto& claim : result.at("claims"))
    if (claim.at("claim").get<std::string>().find(words) != std::string::npos) return claim.at("verdict");
  return "no such claim";
}

/// The group with the values of `params`, the first of several.
inline nlohmann::json group_of(const nlohmann::json& result, const nlohmann::json& params) {
  for (const auto& group : result.at("groups")) {
    bool matches = true;
    for (const auto& [name, value] : params.items()) matches = matches && group.at("params").at(name) == value;
    if (matches) return group;
  }
  ADD_FAILURE() << "no group with " << params;
  return {};
}

}  // namespace sigmagrad::testing
