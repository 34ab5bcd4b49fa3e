// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include <sigmagrad/impute/prediction.hpp>

namespace sigmagrad::impute {

/// What the value of an entry rests on: the model, or what is left where nothing is known of its row or its column.
enum class Basis { Model, RowMean, ColumnMean, Mean };
std::string_view name(Basis basis);

struct Estimate {
  double value = 0.0;
  Basis basis = Basis::Model;
};

/// A prediction for the entries of a matrix, with means of its observed entries where the prediction has no ground: in
/// rows and columns without entries, or that the matrix does not have.
class CompletedMatrix {
 public:
  /// Both are referred to.
  CompletedMatrix(const ObservedMatrix& matrix, const Prediction& prediction);

  Estimate estimate(std::optional<std::int64_t> row, std::optional<std::int64_t> column) const;

  /// The matrix, observed entries as they are: .npy as f64, anything else as a table whose first line and column hold
  /// the ids that the input named. Written a block of rows at a time, and the file replaced in one step.
  void save(const std::filesystem::path& path) const;
  /// `row,col,value,basis` of each pair. Returns how many do not rest on the model.
  std::size_t save_estimates(const std::vector<std::pair<std::string, std::string>>& pairs,
                             const std::filesystem::path& path) const;

 private:
  struct Means {
    std::vector<std::optional<double>> rows, columns;
    double all = 0.0;
  };
  /// Nothing where the model stands.
  std::optional<Estimate> fallback(std::optional<std::int64_t> row, std::optional<std::int64_t> column) const;
  template <class F>
  void each_row(F f) const;

  const ObservedMatrix& matrix_;
  const Prediction& prediction_;
  Means means_;
};

}  // namespace sigmagrad::impute
