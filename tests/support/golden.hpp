// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <sigmagrad/autograd/tensor/creation.hpp>

namespace sigmagrad::testing {

/// Reference numbers of tests/golden.
inline nlohmann::json golden(const std::string& file) {
  return nlohmann::json::parse(std::ifstream(SIGMAGRAD_TEST_DATA "/" + file));
}

/// A list of numbers as a vector, a list of lists as a matrix.
inline Tensor golden_tensor(const nlohmann::json& value) {
  if (!value.front().is_array())
    return tensor(value.get<std::vector<double>>(), {static_cast<std::int64_t>(value.size())});
  std::vector<double> entries;
  for (const auto& row : value) entries.insert(entries.end(), row.begin(), row.end());
  const auto rows = static_cast<std::int64_t>(value.size());
  return tensor(entries, {rows, static_cast<std::int64_t>(entries.size()) / rows});
}

}  // namespace sigmagrad::testing
