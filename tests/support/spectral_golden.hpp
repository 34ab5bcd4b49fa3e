// SPDX-License-Identifier: BSD-3-Clause
// Groups of spectral/depth, hyperparameters and structures beside golden/spectral.json.
#pragma once

#include <limits>
#include <sigmagrad/tests/support/golden_runs.hpp>
#include <utility>

namespace sigmagrad::testing {

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
