// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include <sigmagrad/autograd/tensor/tensor.hpp>
#include <sigmagrad/impute/observed_entries.hpp>

namespace sigmagrad::impute {

/// mean + row_bias_i + column_bias_j + <left_i, right_j> for the entry (i, j).
struct Prediction {
  double mean = 0.0;
  std::vector<double> row_bias, column_bias;
  Tensor left = {}, right = {};  // [rows, rank] and [columns, rank]; undefined where there is no product

  double operator()(std::int64_t row, std::int64_t column) const;
  /// Rows begin, ..., begin + count - 1, as [count, columns].
  Tensor rows(std::int64_t begin, std::int64_t count) const;
};

double rmse(const Prediction& prediction, const Observations& entries);
/// The entries less what is predicted for them.
Observations residuals(const Prediction& prediction, const Observations& entries);

/// Ranks of the product left right', which is never formed.
struct Ranks {
  double effective_rank = 0.0, stable_rank = 0.0;  // 0 where the product is
};
Ranks product_ranks(const Prediction& prediction);

/// Baselines. The mean of all entries:
Prediction global_mean(const Observations& entries);
/// and the least-squares fit of a number a row and a number a column, shrunk as if each row and column had one more
/// entry that is just the mean.
Prediction row_and_column_means(const Observations& entries);
/// Zero everywhere.
Prediction zero_prediction(const Observations& entries);

}  // namespace sigmagrad::impute
