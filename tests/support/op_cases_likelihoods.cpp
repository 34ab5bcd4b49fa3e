// SPDX-License-Identifier: BSD-3-Clause
// Losses of classes.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/nn/losses.hpp>
#include <sigmagrad/tests/support/op_cases.hpp>

namespace sigmagrad::testing {
namespace {

Array scalar(double value) {
  return Array(Shape{}, [value](const Index&) { return value; });
}

double sum_of(const Array& a) {
  double sum = 0;
  for (const double value : a.values) sum += value;
  return sum;
}

// Labels of any number of rows.
std::int64_t label_of(std::int64_t row) {
  constexpr std::array<std::int64_t, 5> labels{2, 0, 1, 1, 2};
  return labels[static_cast<std::size_t>(row) % labels.size()];
}

// Labels of the rows of logits [..., batch, classes].
std::vector<std::int64_t> labels_for(const Tensor& logits) {
  std::vector<std::int64_t> labels;
  for (std::int64_t row = 0; row < logits.size(-2); ++row) labels.push_back(label_of(row));
  return labels;
}

constexpr double infinity = std::numeric_limits<double>::infinity();

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
double surprise(const Array& logits, std::int64_t i, std::int64_t j) {
  double largest = -infinity;
  for (std::int64_t k = 0; k < logits.shape[1]; ++k) largest = std::max(largest, logits.at({i, k}));
  const double p = softmax_at(logits, i, j);
  return p > 0.0 || std::isnan(p) ? -std::log(p) : largest - logits.at({i, j});
}

Array likelihoods(const Array& logits) {
  return Array(logits.shape.without(-1), [&](const Index& i) { return surprise(logits, i[0], label_of(i[0])); });
}

double negative_log_likelihood(const Array& logits) {
  return sum_of(likelihoods(logits)) / static_cast<double>(logits.shape[0]);
}

// Where either is 0, a product is 0.
double hidden_product(double a, double b) { return a == 0.0 || b == 0.0 ? 0.0 : a * b; }

Array soft_likelihoods(const Array& logits, const Array& targets) {
  return Array(logits.shape.without(-1), [&](const Index& i) {
    double total = 0;
    for (std::int64_t k = 0; k < logits.shape[1]; ++k)
      total += hidden_product(targets.at({i[0], k}), surprise(logits, i[0], k));
    return total;
  });
}

Array weighted_likelihood(const Array& logits, const Array& weight) {
  double total = 0, counted = 0;
  for (std::int64_t i = 0; i < logits.shape[0]; ++i) {
    counted += weight.at({label_of(i)});
    total += 0.75 * weight.at({label_of(i)}) * surprise(logits, i, label_of(i));
    for (std::int64_t k = 0; k < logits.shape[1]; ++k)
      total += 0.25 / static_cast<double>(logits.shape[1]) * weight.at({k}) * surprise(logits, i, k);
  }
  return scalar(total / counted);
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

Arrays each_likelihood_pullback(const Arrays& x, const Array& weights) {
  Arrays result{x[0]};
  for (std::int64_t i = 0; i < x[0].shape[0]; ++i)
    for (std::int64_t j = 0; j < x[0].shape[1]; ++j)
      result[0].entry({i, j}) = weights.at({i}) * (softmax_at(x[0], i, j) - (j == label_of(i) ? 1.0 : 0.0));
  return result;
}

Arrays soft_pullback(const Arrays& x, const Array& weights) {
  Arrays result{x[0], x[1]};
  for (std::int64_t i = 0; i < x[0].shape[0]; ++i) {
    for (std::int64_t j = 0; j < x[0].shape[1]; ++j) {
      double others = 0;
      for (std::int64_t k = 0; k < x[0].shape[1]; ++k) others += k == j ? 0.0 : x[1].at({i, k});
      const double y = softmax_at(x[0], i, j);
      result[0].entry({i, j}) = weights.at({i}) * (others * y - x[1].at({i, j}) * (1.0 - y));
      result[1].entry({i, j}) = weights.at({i}) * surprise(x[0], i, j);
    }
  }
  return result;
}

// Losses of labels.
std::vector<OpCase> label_cases() {
  Edges single_class = everywhere(as_reference()), no_class = linear_edges();
  single_class.single = refuses("cross_entropy: label 2 of row 0 is out of range for 1 classes");
  no_class.single = refuses("nll_loss: label 2 of row 0 is out of range for 1 classes");
  return {
      {.name = "cross_entropy",
       .f = [](const Tensors& x) { return cross_entropy(x[0], labels_for(x[0])); },
       .reference = [](const Arrays& x) { return scalar(negative_log_likelihood(x[0])); },
       .shapes = {{{2, 3}}, {{5, 4}}, {{1, 3}}},
       .extremes = {by_reference(), single_class, folds({{{2, 100000}}}), takes_all()},
       .pullback = likelihood_pullback,
       .batched = false},
      {.name = "cross_entropy_each",
       .f = [](const Tensors& x) { return cross_entropy(x[0], labels_for(x[0]), Reduction::None); },
       .reference = [](const Arrays& x) { return likelihoods(x[0]); },
       .shapes = {{{2, 3}}, {{5, 4}}},
       .extremes = {by_reference(), single_class, folds({{{2, 100000}}}), takes_all()},
       .pullback = each_likelihood_pullback,
       .operation = "cross_entropy",
       .misuses = {{[] { cross_entropy(ones({4}), {0}); }, "cross_entropy: needs [..., batch, classes], got [4]"},
                   {[] {
                      cross_entropy(ones({2, 3, 4}), ones({3, 2}));
                    },
                    "cross_entropy: labels must be [2, 3], got [3, 2]"}}},
      {.name = "nll_loss",
       .f = [](const Tensors& x) { return nll_loss(x[0], labels_for(x[0])); },
       .reference =
           [](const Arrays& x) {
             double total = 0;
             for (std::int64_t i = 0; i < x[0].shape[0]; ++i) total -= x[0].at({i, label_of(i)});
             return scalar(total / static_cast<double>(x[0].shape[0]));
           },
       .shapes = {{{2, 3}}, {{5, 4}}, {{1, 3}}},
       .extremes = {homogeneous(1), no_class, folds({{{100000, 3}}}), chooses({infinity, -infinity, std::nan("")})},
       .pullback =
           [](const Arrays& x, const Array& weights) {
             Arrays result{filled(x[0].shape, 0.0)};
             for (std::int64_t i = 0; i < x[0].shape[0]; ++i)
               result[0].entry({i, label_of(i)}) = -weights.values[0] / static_cast<double>(x[0].shape[0]);
             return result;
           },
       .batched = false,
       .misuses = {{[] {
                      nll_loss(ones({2, 3}), {0, 3});
                    },
                    "nll_loss: label 3 of row 1 is out of range for 3 classes"},
                   {[] {
                      nll_loss(ones({2, 3}), full({2}, 3.0));
                    },
                    "nll_loss: index 3 is out of range for an axis of 3"}}},
  };
}

// Losses of probabilities and of labels that count differently.
std::vector<OpCase> option_cases() {
  Edges soft = everywhere(as_reference()), weighted = everywhere(as_reference(undefined));
  soft.plus_inf = soft.minus_inf = meaningless("a probability is not infinite");
  weighted.equal = as_reference(finite);
  weighted.minus_inf = meaningless("smoothing makes every class cost something, a masked one infinitely");
  weighted.single = refuses("cross_entropy: label 2 of row 0 is out of range for 1 classes");
  return {
      {.name = "cross_entropy_soft",
       .f = [](const Tensors& x) { return cross_entropy(x[0], x[1], Reduction::None); },
       .reference = [](const Arrays& x) { return soft_likelihoods(x[0], x[1]); },
       .shapes = {{{2, 3}, {2, 3}}, {{5, 4}, {5, 4}}, {{1, 3}, {1, 3}}},
       .entries = {{}, {0.1, 0.9}},
       .extremes = {by_reference(), soft, folds({{{2, 100000}, {2, 100000}}}), takes_all()},
       .pullback = soft_pullback,
       .operation = "cross_entropy"},
      {.name = "cross_entropy_weighted",
       .f =
           [](const Tensors& x) {
             return cross_entropy(x[0], labels_for(x[0]), {.weight = x[1].flatten(), .label_smoothing = 0.25});
           },
       .reference = [](const Arrays& x) { return weighted_likelihood(x[0], x[1]); },
       .shapes = {{{2, 3}, {3}}, {{5, 4}, {4}}, {{1, 3}, {3}}},
       .entries = {{}, {0.3, 1.5}},
       .extremes = {laws({{0, {1}}}), weighted, folds({{{50000, 3}, {3}}}), takes_all()},
       .batched = false,
       .operation = "cross_entropy",
       .misuses = {{[] {
                      cross_entropy(ones({2, 3}), {0, 1}, {.label_smoothing = 1.5});
                    },
                    "cross_entropy: label_smoothing must be in [0, 1] (got 1.5)"},
                   {[] {
                      cross_entropy(ones({2, 3}), {0, 1}, {.weight = ones({2})});
                    },
                    "cross_entropy: weight must be [3], got [2]"}}},
  };
}

}  // namespace

std::vector<OpCase> likelihood_cases() {
  auto rows = label_cases();
  for (auto& row : option_cases()) rows.push_back(std::move(row));
  return rows;
}

}  // namespace sigmagrad::testing
