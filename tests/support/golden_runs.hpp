// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sigmagrad/tests/support/golden.hpp>
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
