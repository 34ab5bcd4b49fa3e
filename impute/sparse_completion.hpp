// SPDX-License-Identifier: BSD-3-Clause
// Deep matrix factorisation of a list of observed entries. Memory and time are those of the entries, never of the
// whole matrix.
#pragma once

#include <functional>

#include <sigmagrad/impute/prediction.hpp>

namespace sigmagrad::impute {

/// What a residual r is charged: r^2, |r|, or r^2/2 up to |r| = 1 and |r| - 1/2 beyond. The unit is the root mean
/// square of what the product is to fit: the values, less row_and_column_means where there are biases.
enum class Loss { Square, Absolute, Huber };

struct FactorizationOptions {
  int depth = 3;
  std::int64_t rank = 50;
  /// Standard deviation of an entry of the initial product, in the same unit.
  double scale = 1e-4;
  Loss loss = Loss::Square;
  bool bias = true;
  std::int64_t patience = 50, max_epochs = 2000;  // an epoch is one pass over the entries, and one step
};

struct Epoch {
  std::int64_t number = 0;        // from 1
  double rmse = 0.0, best = 0.0;  // of the validation entries
};

struct FittedFactorization {
  Prediction prediction = {};  // of the epoch with the least validation RMSE
  double validation_rmse = 0.0;
  std::int64_t epochs = 0, best_epoch = 0;
};

/// Trains on one list and stops by another. `go_on` hears of every epoch and may end the training with false; the best
/// state so far is the result then.
FittedFactorization factorize(const Observations& training, const Observations& validation,
                              const FactorizationOptions& options, Generator& generator,
                              const std::function<bool(const Epoch&)>& go_on);

}  // namespace sigmagrad::impute
