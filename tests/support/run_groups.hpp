// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/tests/support/golden_runs.hpp>
#include <string>

namespace sigmagrad::testing {

/// The metrics of the one group of a run with these parameters; an empty object, and a failure, where there is none.
inline nlohmann::json metrics_of(const nlohmann::json& run, const nlohmann::json& params) {
  for (const auto& group : run.at("groups")) {
    bool same = true;
    for (const auto& [name, value] : params.items()) same = same && group.at("params").at(name) == value;
    if (same) return group.at("metrics");
  }
  ADD_FAILURE() << "no group " << params;
  return nlohmann::json::object();
}

inline double mean_of(const nlohmann::json& run, const nlohmann::json& params, const std::string& metric) {
  return metrics_of(run, params).at(metric).at("mean");
}

/// Whether every claim but those that begin with one of `others` holds.
inline void expect_claims_hold(const nlohmann::json& run, const std::vector<std::string>& others = {}) {
  for (const auto& claim : run.at("claims")) {
    const std::string text = claim.at("claim");
    bool listed = false;
    for (const auto& other : others) listed = listed || text.starts_with(other);
    if (listed) continue;
    EXPECT_EQ(claim.at("verdict"), "holds") << claim;
  }
}

}  // namespace sigmagrad::testing
