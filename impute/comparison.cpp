// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/impute/comparison.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/impute/soft_impute.hpp>

namespace sigmagrad::impute {

namespace {

enum Purpose : std::uint64_t { ForSplit, ForSoftImpute, ForFactors };

struct Candidate {
  int depth;
  double scale;
  bool baseline;
};

std::vector<Candidate> candidates(const ComparisonOptions& o) {
  const auto depths = o.depth ? std::vector{*o.depth} : std::vector{2, 3};
  const auto scales = o.scale ? std::vector{*o.scale} : std::vector{1e-2, 1e-4};
  std::vector<Candidate> all;
  for (const int depth : depths)
    for (const double scale : scales) all.push_back({depth, scale, false});
  if (o.baselines && o.depth && *o.depth != 2)
    for (const double scale : scales) all.push_back({2, scale, true});
  return all;
}

// The power of two next below the largest entry; 0 where all are zero.
int exponent_of(const Observations& entries) {
  double largest = 0.0;
  for (const double value : entries.values) largest = std::max(largest, std::abs(value));
  return largest > 0.0 ? std::ilogb(largest) : 0;
}

Observations scaled(Observations entries, int exponent) {
  for (double& value : entries.values) value = std::ldexp(value, exponent);
  return entries;
}

Prediction scaled(Prediction prediction, double factor) {
  prediction.mean *= factor;
  for (double& bias : prediction.row_bias) bias *= factor;
  for (double& bias : prediction.column_bias) bias *= factor;
  if (prediction.left.defined()) prediction.left = factor * prediction.left;
  return prediction;
}

// Everything happens to entries that a power of two has brought to about 1, so that units change no digit of what is
// found and no square leaves the range of doubles; what is reported has the entries' own units again.
class Comparing {
 public:
  Comparing(const Observations& entries, const ComparisonOptions& options, const Listener& listener)
      : options_(options),
        listener_(listener),
        unit_(std::ldexp(1.0, exponent_of(entries))),
        split_(split_of(scaled(entries, -exponent_of(entries)), options)) {
    result_ = {
        .training = split_.training.size(), .validation = split_.validation.size(), .heldout = split_.heldout.size()};
  }

  Comparison run() {
    add({.name = "mean", .prediction = global_mean(split_.training)});
    add({.name = "row and column means", .prediction = row_and_column_means(split_.training)});
    // The answer before what it is compared with: an interrupt then leaves one.
    const auto all = candidates(options_);
    for (const bool baseline : {false, true})
      for (const auto& candidate : all)
        if (candidate.baseline == baseline && !result_.interrupted) factorization(candidate);
    if (options_.baselines && !result_.interrupted) add_soft_impute();
    std::ranges::stable_sort(result_.methods, std::greater{}, &Method::baseline);
    choose();
    return std::move(result_);
  }

 private:
  static Split split_of(const Observations& entries, const ComparisonOptions& o) {
    Generator generator(o.seed, 0, ForSplit);
    return split(entries, o.share, generator);
  }

  void add(Method method) {
    method.validation_rmse = unit_ * impute::rmse(method.prediction, split_.validation);
    method.rmse = unit_ * impute::rmse(method.prediction, split_.heldout);
    method.ranks = product_ranks(method.prediction);
    method.prediction = scaled(std::move(method.prediction), unit_);
    result_.methods.push_back(std::move(method));
  }

  bool go_on(const std::string& name, const std::optional<Epoch>& epoch) {
    result_.interrupted = !listener_(name, epoch);
    return !result_.interrupted;
  }

  void add_soft_impute() {
    const std::string name = "soft-impute";
    Generator generator(options_.seed, 0, ForSoftImpute);
    auto found = soft_impute_path(split_.training, split_.validation, options_.factorization.rank,
                                  options_.factorization.bias, generator, [&] { return go_on(name, {}); });
    add({.name = name, .prediction = std::move(found.prediction), .lambda = unit_ * found.lambda});
  }

  void factorization(const Candidate& candidate) {
    FactorizationOptions o = options_.factorization;
    o.depth = candidate.depth;
    o.scale = candidate.scale;
    Generator generator(options_.seed, 0, ForFactors);
    const auto name = fmt::format("depth {}, scale {:g}", o.depth, o.scale);
    auto found = factorize(split_.training, split_.validation, o, generator, [&](const Epoch& epoch) {
      return go_on(name, Epoch{epoch.number, unit_ * epoch.rmse, unit_ * epoch.best});
    });
    add({.name = name,
         .baseline = candidate.baseline,
         .prediction = std::move(found.prediction),
         .depth = o.depth,
         .scale = o.scale,
         .epochs = found.epochs,
         .best_epoch = found.best_epoch});
  }

  void choose() {
    const auto& methods = result_.methods;
    for (std::size_t i = 0; i < methods.size(); ++i)
      if (!methods[i].baseline &&
          (!result_.chosen || methods[i].validation_rmse < methods[*result_.chosen].validation_rmse))
        result_.chosen = i;
  }

  const ComparisonOptions& options_;
  const Listener& listener_;
  double unit_;
  Split split_;
  Comparison result_;
};

}  // namespace

Comparison compare(const Observations& entries, const ComparisonOptions& options, const Listener& listener) {
  return Comparing(entries, options, listener).run();
}

}  // namespace sigmagrad::impute
