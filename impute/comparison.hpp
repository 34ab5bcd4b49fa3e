// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>

#include <sigmagrad/impute/sparse_completion.hpp>

namespace sigmagrad::impute {

struct ComparisonOptions {
  std::optional<int> depth = {};     // validation chooses where it is not given
  std::optional<double> scale = {};  // the same
  FactorizationOptions factorization = {};
  double share = 0.1;  // of the entries, held out: half to choose and to stop, half for the RMSE that is reported
  bool baselines = true;
  std::uint64_t seed = 42;
};

/// A way to complete, and how well it did on the entries that nothing was fitted to.
struct Method {
  std::string name = {};
  double rmse = 0.0, validation_rmse = 0.0;
  Ranks ranks = {};
  bool baseline = true;
  Prediction prediction = {};
  // of a factorisation
  int depth = 0;
  double scale = 0.0;
  std::int64_t epochs = 0, best_epoch = 0;
  // of soft-impute
  double lambda = 0.0;
};

struct Comparison {
  std::vector<Method> methods = {};
  std::optional<std::size_t> chosen = {};  // the factorisation that completes; none where interrupted too early
  std::size_t training = 0, validation = 0, heldout = 0;
  bool interrupted = false;
};

/// What hears of the progress: the method under way and its epoch, where it has epochs. False ends the comparison; what
/// was found until then is its result.
using Listener = std::function<bool(const std::string& method, const std::optional<Epoch>& epoch)>;

/// Factorisations of every depth and scale to choose from, best by validation RMSE, and the baselines: the mean, row
/// and column means, soft-impute, and depth 2.
Comparison compare(const Observations& entries, const ComparisonOptions& options, const Listener& listener);

}  // namespace sigmagrad::impute
