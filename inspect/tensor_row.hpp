// SPDX-License-Identifier: BSD-3-Clause
// What is known of each tensor of a file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sigmagrad/linalg/inspect.hpp>

namespace sigmagrad::inspection {

struct TensorRow {
  std::string name = {};
  std::vector<std::int64_t> shape = {};
  std::string dtype = {};
  /// How a kernel was made a matrix, what else is to be known, or why nothing was measured.
  std::string note = {};
  std::optional<MatrixSummary> summary = {};

  std::int64_t entries() const;
  bool is_integer() const;
};

/// The rows of a file in its order; what failed, in one line, where something did.
struct FileRows {
  std::string file = {};
  std::string error = {};
  std::vector<TensorRow> rows = {};

  bool is_empty() const { return error.empty() && rows.empty(); }
};

}  // namespace sigmagrad::inspection
