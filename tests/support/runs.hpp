// SPDX-License-Identifier: BSD-3-Clause
// Runs of the program, and what of their --json the tests read.
#pragma once

#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

namespace sigmagrad::testing {

/// What `sigmagrad run ... --json` prints.
inline nlohmann::json run_json(const std::string& arguments) {
  const auto out = std::filesystem::path(::testing::TempDir()) / ("sigmagrad-run-" + std::to_string(getpid()));
  std::filesystem::remove_all(out);
  const std::string command =
      std::string(SIGMAGRAD_PROGRAM) + " run " + arguments + " --json --out " + out.string() + " 2>/dev/null";
  FILE* pipe = popen(command.c_str(), "r");
  std::string text;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text.push_back(static_cast<char>(c));
  EXPECT_EQ(pclose(pipe), 0) << command;
  return nlohmann::json::parse(text);
}

/// The group of a run with these parameters: `group_of(result, {{"d", 64}})`.
inline const nlohmann::json& group_of(const nlohmann::json& result, const nlohmann::json& parameters) {
  for (const auto& group : result.at("groups")) {
    bool same = true;
    for (const auto& [name, value] : parameters.items()) same = same && group.at("params").at(name) == value;
    if (same) return group;
  }
  throw std::out_of_range("no group with " + parameters.dump());
}

/// The claim whose text contains `text`.
inline const nlohmann::json& claim_of(const nlohmann::json& result, const std::string& text) {
  for (const auto& claim : result.at("claims"))
    if (claim.at("claim").get<std::string>().find(text) != std::string::npos) return claim;
  throw std::out_of_range("no claim with " + text);
}
inline std::string verdict_of(const nlohmann::json& result, const std::string& text) {
  return claim_of(result, text).at("verdict");
}

/// One statistic of a metric of a group, or of the group with these parameters.
inline double metric(const nlohmann::json& group, const std::string& name, const std::string& statistic = "median") {
  return group.at("metrics").at(name).at(statistic);
}
inline double value_of(const nlohmann::json& result, const nlohmann::json& parameters, const std::string& name,
                       const std::string& statistic = "median") {
  return metric(group_of(result, parameters), name, statistic);
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
