// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include <sigmagrad/experiments/completion/comparison.hpp>

namespace sigmagrad::app {

/// What `complete` prints.
struct CompletionReport {
  /// Everything is referred to. Notes on the data and the methods are made; others may be added.
  CompletionReport(const std::string& input_path, const std::string& output_path,
                   const experiments::completion::ObservedMatrix& observed,
                   const experiments::completion::ComparisonOptions& how,
                   const experiments::completion::Comparison& result);

  std::string table() const;
  std::string json_text() const;

  const std::string &input, &output;
  const experiments::completion::ObservedMatrix& matrix;
  const experiments::completion::ComparisonOptions& options;
  const experiments::completion::Comparison& comparison;
  std::int64_t parts;
  std::vector<std::string> notes = {};

 private:
  void note_data();
  void note_methods();
};

}  // namespace sigmagrad::app
