// SPDX-License-Identifier: BSD-3-Clause
#include <array>
#include <cmath>
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
  };
}

}  // namespace sigmagrad::testing
