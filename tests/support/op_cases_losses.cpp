// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/nn/losses.hpp>
#include <sigmagrad/tests/support/op_cases.hpp>

namespace sigmagrad::testing {
namespace {

// Labels of any number of rows.
std::int64_t label_of(std::int64_t row) {
  constexpr std::array<std::int64_t, 5> labels{2, 0, 1, 1, 2};
  return labels[static_cast<std::size_t>(row) % labels.size()];
}

constexpr double infinity = std::numeric_limits<double>::infinity();

// Entries where the mask is 0 count for nothing, whatever they are.
double squared_error(const Array& a, const Array& b, const Array* mask) {
  double sum = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i)
    if (!mask || mask->values[i] != 0.0) sum += (a.values[i] - b.values[i]) * (a.values[i] - b.values[i]);
  return sum;
}

// The gradients of factor * squared_error in both tensors.
Arrays squared_error_pullback(const Arrays& x, double factor, const Array* mask, const Array& weights) {
  Arrays result{filled(x[0].shape, 0.0), filled(x[1].shape, 0.0)};
  for (std::size_t i = 0; i < x[0].values.size(); ++i) {
    if (mask && mask->values[i] == 0.0) continue;
    result[0].values[i] = 2.0 * factor * weights.values[0] * (x[0].values[i] - x[1].values[i]);
    result[1].values[i] = -result[0].values[i];
  }
  return result;
}

double sum_of(const Array& a) {
  double sum = 0;
  for (const double value : a.values) sum += value;
  return sum;
}

// The softmax of a row at class j; where the largest logit is infinite, the infinite ones share 1.
double softmax_at(const Array& logits, std::int64_t i, std::int64_t j) {
  double largest = -infinity, total = 0.0;
  const auto size = [&](std::int64_t k) {
    const double x = logits.at({i, k});
    return std::isinf(largest) ? static_cast<double>(x == largest && largest > 0.0) : std::exp(x - largest);
  };
  for (std::int64_t k = 0; k < logits.shape[1]; ++k) largest = std::max(largest, logits.at({i, k}));
  for (std::int64_t k = 0; k < logits.shape[1]; ++k) total += size(k);
  for (std::int64_t k = 0; k < logits.shape[1]; ++k)
    if (std::isnan(logits.at({i, k}))) return logits.at({i, k});
  return size(j) / total;
}

// -log(softmax), but the logits' difference where that underflows.
double negative_log_likelihood(const Array& logits) {
  double total = 0;
  for (std::int64_t i = 0; i < logits.shape[0]; ++i) {
    const std::int64_t label = label_of(i);
    double largest = -infinity;
    for (std::int64_t j = 0; j < logits.shape[1]; ++j) largest = std::max(largest, logits.at({i, j}));
    const double p = softmax_at(logits, i, label);
    total += p > 0.0 || std::isnan(p) ? -std::log(p) : largest - logits.at({i, label});
  }
  return total / static_cast<double>(logits.shape[0]);
}

Arrays likelihood_pullback(const Arrays& x, const Array& weights) {
  Arrays result{x[0]};
  for (std::int64_t i = 0; i < x[0].shape[0]; ++i)
    for (std::int64_t j = 0; j < x[0].shape[1]; ++j) {
      const double hit = j == label_of(i) ? 1.0 : 0.0;
      result[0].entry({i, j}) = weights.values[0] * (softmax_at(x[0], i, j) - hit) / static_cast<double>(x[0].shape[0]);
    }
  return result;
}

double sensing_error(const Array& w, const Array& measurements, const Array& values) {
  double sum = 0;
  for (std::size_t n = 0; n < values.values.size(); ++n) {
    double residual = -values.values[n];
    for (std::size_t i = 0; i < w.values.size(); ++i)
      residual += measurements.values[n * w.values.size() + i] * w.values[i];
    sum += residual * residual;
  }
  return sum / static_cast<double>(values.values.size());
}

Arrays sensing_pullback(const Arrays& x, const Array& weights) {
  const Array &w = x[0], &measurements = x[1], &values = x[2];
  Arrays result{filled(w.shape, 0.0), filled(measurements.shape, 0.0), filled(values.shape, 0.0)};
  const std::size_t size = w.values.size();
  for (std::size_t n = 0; n < values.values.size(); ++n) {
    double residual = -values.values[n];
    for (std::size_t i = 0; i < size; ++i) residual += measurements.values[n * size + i] * w.values[i];
    const double slope = 2.0 * weights.values[0] * residual / static_cast<double>(values.values.size());
    for (std::size_t i = 0; i < size; ++i) {
      result[0].values[i] += slope * measurements.values[n * size + i];
      result[1].values[n * size + i] = slope * w.values[i];
    }
    result[2].values[n] = -slope;
  }
  return result;
}

double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }
double logistic(double x) { return 1.0 / (1.0 + std::exp(-x)); }

// y softplus(-x) + (1 - y) softplus(x), where a factor of 0 counts for nothing.
double binary_cross_entropy(const Array& logits, const Array& targets) {
  double sum = 0;
  for (std::size_t i = 0; i < logits.values.size(); ++i) {
    const double x = logits.values[i], y = targets.values[i];
    if (std::isinf(y)) {
      sum -= x * y;
      continue;
    }
    sum += (y == 0.0 ? 0.0 : y * softplus(-x)) + (y == 1.0 ? 0.0 : (1.0 - y) * softplus(x));
  }
  return sum / static_cast<double>(logits.values.size());
}

// (1 - y) logistic(x) - y logistic(-x) in the logits, -x in the targets.
Arrays binary_pullback(const Arrays& x, const Array& weights) {
  Arrays result{x[0], x[1]};
  const double factor = weights.values[0] / static_cast<double>(x[0].values.size());
  for (std::size_t i = 0; i < x[0].values.size(); ++i) {
    const double logit = x[0].values[i], y = x[1].values[i];
    result[0].values[i] = factor * ((1.0 - y) * logistic(logit) - y * logistic(-logit));
    result[1].values[i] = -factor * logit;
  }
  return result;
}

Array scalar(double value) {
  return Array(Shape{}, [value](const Index&) { return value; });
}

// Losses that are sums of squares.
std::vector<OpCase> squared_cases() {
  const auto masked = [](const Outcome& nothing_shown) {
    Edges edges = everywhere(as_reference());
    edges.single = nothing_shown;  // the mask is 0
    return Extremes{homogeneous(2), edges, folds({{{100000}, {100000}, {100000}}}),
                    chooses({infinity, -infinity, std::nan("")})};
  };
  const Entries mask{.low = 0, .high = 2, .whole = true};
  return {
      {.name = "mse_loss",
       .f = [](const Tensors& x) { return mse_loss(x[0], x[1]); },
       .reference =
           [](const Arrays& x) {
             return scalar(squared_error(x[0], x[1], nullptr) / static_cast<double>(x[0].values.size()));
           },
       .shapes = {{{3, 4}, {3, 4}}, {{}, {}}, {{2, 3, 2}, {2, 3, 2}}},
       .extremes = {homogeneous(2), everywhere(as_reference()), folds({{{100000}, {100000}}}), takes_all()},
       .pullback =
           [](const Arrays& x, const Array& weights) {
             return squared_error_pullback(x, 1.0 / static_cast<double>(x[0].values.size()), nullptr, weights);
           },
       .batched = false},
      {.name = "masked_mse_loss",
       .f = [](const Tensors& x) { return masked_mse_loss(x[0], x[1], x[2]); },
       .reference = [](const Arrays& x) { return scalar(squared_error(x[0], x[1], &x[2]) / sum_of(x[2])); },
       .shapes = {{{3, 4}, {3, 4}, {3, 4}}, {{2, 3, 2}, {2, 3, 2}, {2, 3, 2}}},
       .entries = {{}, {}, mask},
       .extremes = masked(refuses_any("masked_mse_loss: MeanObserved divides by the mask's sum, which is 0")),
       .pullback = [](const Arrays& x,
                      const Array& weights) { return squared_error_pullback(x, 1.0 / sum_of(x[2]), &x[2], weights); },
       .batched = false},
      {.name = "masked_mse_loss_half_sum",
       .f = [](const Tensors& x) { return masked_mse_loss(x[0], x[1], x[2], Reduction::HalfSum); },
       .reference = [](const Arrays& x) { return scalar(0.5 * squared_error(x[0], x[1], &x[2])); },
       .shapes = {{{3, 4}, {3, 4}, {3, 4}}, {{0}, {0}, {0}}},
       .entries = {{}, {}, mask},
       .extremes = masked(as_reference()),
       .pullback = [](const Arrays& x, const Array& weights) { return squared_error_pullback(x, 0.5, &x[2], weights); },
       .batched = false,
       .operation = "masked_mse_loss"},
      {.name = "sensing_loss",
       .f = [](const Tensors& x) { return sensing_loss(x[0], x[1], x[2]); },
       .reference = [](const Arrays& x) { return scalar(sensing_error(x[0], x[1], x[2])); },
       .shapes = {{{3, 4}, {5, 3, 4}, {5}}, {{1, 1}, {1, 1, 1}, {1}}},
       .extremes = {laws({{2, {0, 2}}, {2, {1, 2}}}), everywhere(as_reference()),
                    folds({{{2, 2}, {50000, 2, 2}, {50000}}, {{2, 50000}, {2, 2, 50000}, {2}}}), takes_all()},
       .pullback = sensing_pullback,
       .batched = false,
       .misuses = {{[] {
                      sensing_loss(ones({3, 4}), ones({5, 4, 3}), ones({5}));
                    },
                    "sensing_loss: measurements must be [count, ...] of matrices [3, 4], got [5, 4, 3]"}}},
  };
}

// Losses of logits.
std::vector<OpCase> likelihood_cases() {
  Edges single_class = everywhere(as_reference());
  single_class.single = refuses("cross_entropy: label 2 of row 0 is out of range for 1 classes");
  return {
      {.name = "cross_entropy",
       .f =
           [](const Tensors& x) {
             std::vector<std::int64_t> labels;
             for (std::int64_t row = 0; row < x[0].size(0); ++row) labels.push_back(label_of(row));
             return cross_entropy(x[0], labels);
           },
       .reference = [](const Arrays& x) { return scalar(negative_log_likelihood(x[0])); },
       .shapes = {{{2, 3}}, {{5, 4}}, {{1, 3}}},
       .extremes = {by_reference(), single_class, folds({{{2, 100000}}}), takes_all()},
       .pullback = likelihood_pullback,
       .batched = false},
      {.name = "bce_with_logits",
       .f = [](const Tensors& x) { return bce_with_logits(x[0], x[1]); },
       .reference = [](const Arrays& x) { return scalar(binary_cross_entropy(x[0], x[1])); },
       .shapes = {{{3, 4}, {3, 4}}, {{}, {}}},
       .entries = {{}, {0.1, 0.9}},
       .extremes = {by_reference(), everywhere(as_reference()), folds({{{100000}, {100000}}}), takes_all()},
       .pullback = binary_pullback,
       .batched = false,
       .misuses = {{[] { bce_with_logits(ones({2}), ones({3})); }, "bce_with_logits: shapes differ: [2] and [3]"}}},
  };
}

}  // namespace

std::vector<OpCase> loss_cases() {
  auto rows = squared_cases();
  for (auto& row : likelihood_cases()) rows.push_back(std::move(row));
  return rows;
}

}  // namespace sigmagrad::testing
