// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include <sigmagrad/impute/comparison.hpp>

namespace sigmagrad::impute {

/// What `complete` prints.
struct CompletionReport {
  /// Everything is referred to. Notes on the data and the methods are made; others may be added.
  CompletionReport(const std::string& input_path, const std::string& output_path, const ObservedMatrix& observed,
                   const ComparisonOptions& how, const Comparison& result);

  std::string table() const;
  std::string json_text() const;

  const std::string &input, &output;
  const ObservedMatrix& matrix;
  const ComparisonOptions& options;
  const Comparison& comparison;
  std::int64_t parts;
  std::vector<std::string> notes = {};

 private:
  void note_data();
  void note_methods();
};

}  // namespace sigmagrad::impute
