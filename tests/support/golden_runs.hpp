// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sigmagrad/tests/support/golden.hpp>
#include <stdexcept>
#include <string>

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

/// Compares a group's mean, standard deviation and median of every component with golden/spectral.json.
inline void expect_spectral_golden(const nlohmann::json& group, const std::string& key, double tolerance,
                                   double cond_tolerance) {
  static const std::map<std::string, std::string> names = {
      {"row", "row_norm_error"}, {"col", "col_norm_error"},    {"sv", "singular_value_error"},
      {"cond", "cond_error"},    {"rank", "rank_error"},       {"gap", "gap_error"},
      {"fro", "fro_error"},      {"overall", "overall_error"}, {"output", "output_error"}};
  static const auto golden_results = golden("spectral.json").at("results");
  const auto& expected = golden_results.at(key);
  EXPECT_EQ(group.at("trials"), expected.at("trials")) << key;
  EXPECT_EQ(group.at("failed"), 0) << key;
  for (const char* statistic : {"mean", "std", "median"})
    for (const auto& [name, value] : expected.at(statistic).items()) {
      const double measured = group.at("metrics").at(names.at(name)).at(statistic);
      const double allowed = (name == "cond" ? cond_tolerance : tolerance) * std::abs(value.template get<double>());
      EXPECT_NEAR(measured, value.template get<double>(), allowed + 1e-12) << key << ' ' << name << ' ' << statistic;
    }
}

inline std::string dimension_key(const nlohmann::json& group) {
  return "dimension/d=" + std::to_string(group.at("params").at("d").get<int>());
}

inline std::string depth_key(const nlohmann::json& group) {
  if (group.at("params").at("activation") == "relu") return "depth/relu2 (mean of the two layers)";
  return "depth/linear" + std::to_string(group.at("params").at("depth").get<int>());
}

}  // namespace sigmagrad::testing
