// SPDX-License-Identifier: BSD-3-Clause
#include <array>
#include <cmath>
#include <sigmagrad/autograd/creation.hpp>
#include <sigmagrad/nn/losses.hpp>
#include <sigmagrad/tests/support/op_cases.hpp>

namespace sigmagrad::testing {
namespace {

constexpr std::array<std::int64_t, 5> labels{2, 0, 1, 1, 2};  // constant: rows are used before main begins

double squared_error(const Array& a, const Array& b, const Array* mask) {
  double sum = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i)
    sum += (mask ? mask->values[i] : 1) * (a.values[i] - b.values[i]) * (a.values[i] - b.values[i]);
  return sum;
}

double sum_of(const Array& a) {
  double sum = 0;
  for (const double value : a.values) sum += value;
  return sum;
}

double negative_log_likelihood(const Array& logits) {
  double total = 0;
  for (std::int64_t i = 0; i < logits.shape[0]; ++i) {
    double sum = 0;
    for (std::int64_t j = 0; j < logits.shape[1]; ++j) sum += std::exp(logits.at({i, j}));
    total += std::log(sum) - logits.at({i, labels[static_cast<std::size_t>(i)]});
  }
  return total / static_cast<double>(logits.shape[0]);
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

double binary_cross_entropy(const Array& logits, const Array& targets) {
  double sum = 0;
  for (std::size_t i = 0; i < logits.values.size(); ++i) {
    const double p = 1 / (1 + std::exp(-logits.values[i])), y = targets.values[i];
    sum -= y * std::log(p) + (1 - y) * std::log(1 - p);
  }
  return sum / static_cast<double>(logits.values.size());
}

Array scalar(double value) {
  return Array(Shape{}, [value](const Index&) { return value; });
}

}  // namespace

std::vector<OpCase> loss_cases() {
  const Entries mask{.low = 0, .high = 2, .whole = true};
  return {
      {.name = "mse_loss",
       .f = [](const Tensors& x) { return mse_loss(x[0], x[1]); },
       .reference =
           [](const Arrays& x) {
             return scalar(squared_error(x[0], x[1], nullptr) / static_cast<double>(x[0].values.size()));
           },
       .shapes = {{{3, 4}, {3, 4}}, {{}, {}}, {{2, 3, 2}, {2, 3, 2}}},
       .batched = false},
      {.name = "masked_mse_loss",
       .f = [](const Tensors& x) { return masked_mse_loss(x[0], x[1], x[2]); },
       .reference = [](const Arrays& x) { return scalar(squared_error(x[0], x[1], &x[2]) / sum_of(x[2])); },
       .shapes = {{{3, 4}, {3, 4}, {3, 4}}, {{2, 3, 2}, {2, 3, 2}, {2, 3, 2}}},
       .entries = {{}, {}, mask},
       .batched = false},
      {.name = "masked_mse_loss_half_sum",
       .f = [](const Tensors& x) { return masked_mse_loss(x[0], x[1], x[2], Reduction::HalfSum); },
       .reference = [](const Arrays& x) { return scalar(0.5 * squared_error(x[0], x[1], &x[2])); },
       .shapes = {{{3, 4}, {3, 4}, {3, 4}}, {{0}, {0}, {0}}},
       .entries = {{}, {}, mask},
       .batched = false,
       .operation = "masked_mse_loss"},
      {.name = "cross_entropy",
       .f =
           [](const Tensors& x) {
             return cross_entropy(x[0], std::span(labels).first(static_cast<std::size_t>(x[0].size(0))));
           },
       .reference = [](const Arrays& x) { return scalar(negative_log_likelihood(x[0])); },
       .shapes = {{{2, 3}}, {{5, 4}}, {{1, 3}}},
       .batched = false},
      {.name = "sensing_loss",
       .f = [](const Tensors& x) { return sensing_loss(x[0], x[1], x[2]); },
       .reference = [](const Arrays& x) { return scalar(sensing_error(x[0], x[1], x[2])); },
       .shapes = {{{3, 4}, {5, 3, 4}, {5}}, {{1, 1}, {1, 1, 1}, {1}}},
       .batched = false,
       .misuses = {{[] {
                      sensing_loss(ones({3, 4}), ones({5, 4, 3}), ones({5}));
                    },
                    "sensing_loss: measurements must be [count, ...] of matrices [3, 4], got [5, 4, 3]"}}},
      {.name = "bce_with_logits",
       .f = [](const Tensors& x) { return bce_with_logits(x[0], x[1]); },
       .reference = [](const Arrays& x) { return scalar(binary_cross_entropy(x[0], x[1])); },
       .shapes = {{{3, 4}, {3, 4}}, {{}, {}}},
       .entries = {{}, {0.1, 0.9}},
       .batched = false,
       .misuses = {{[] { bce_with_logits(ones({2}), ones({3})); }, "bce_with_logits: shapes differ: [2] and [3]"}}},
  };
}

}  // namespace sigmagrad::testing
