// SPDX-License-Identifier: BSD-3-Clause
// Groups of the spectral experiments beside golden/spectral.json.
#pragma once

#include <limits>
#include <map>
#include <utility>

#include <sigmagrad/tests/support/golden.hpp>
#include <sigmagrad/tests/support/runs.hpp>

namespace sigmagrad::testing {

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

/// Condition numbers of deep products feel the order of sums.
inline void expect_depth_golden(const nlohmann::json& group) {
  const auto key = depth_key(group);
  const double cond = key == "depth/linear1" ? 1e-6 : 1e-3;
  expect_spectral_golden(group, key, 1e-6, cond);
  const auto expected = golden("spectral.json").at("results").at(key);
  const auto expect = [&](const char* metric, double value) {
    EXPECT_NEAR(group.at("metrics").at(metric).at("mean").get<double>(), value, cond * value) << key << ' ' << metric;
  };
  if (expected.contains("product_cond")) return expect("product_cond", expected.at("product_cond"));
  expect("layer_cond_1", expected.at("student_cond").at(0));
  expect("layer_cond_2", expected.at("student_cond").at(1));
  expect("target_cond", expected.at("teacher_cond"));
}

inline std::string learning_rate_key(const nlohmann::json& group) {
  return "hyperparameters/lr=" + group.at("params").at("lr").dump();
}

/// With 16 x 16 blocks. The condition number of a low-rank target is rounding.
inline void expect_structure_golden(const nlohmann::json& group) {
  const std::string structure = group.at("params").at("structure"), correction = group.at("params").at("correction");
  const double cond = structure == "low-rank" ? std::numeric_limits<double>::infinity() : 1e-6;
  expect_spectral_golden(group, "structures/" + structure + '/' + correction, 1e-6, cond);
}

}  // namespace sigmagrad::testing
