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

Array scalar(double value) {
  return Array(Shape{}, [value](const Index&) { return value; });
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

std::vector<OpCase> masked_cases() {
  const auto masked = [](const Outcome& nothing_shown) {
    Edges edges = everywhere(as_reference());
    edges.single = nothing_shown;  // the mask is 0
    return Extremes{homogeneous(2), edges, folds({{{100000}, {100000}, {100000}}}),
                    chooses({infinity, -infinity, std::nan("")})};
  };
  const Entries mask{.low = 0, .high = 2, .whole = true};
  return {
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
      {.name = "masked_mse_loss_each",
       .f = [](const Tensors& x) { return masked_mse_loss(x[0], x[1], x[2], Reduction::None); },
       .reference =
           [](const Arrays& x) {
             Array terms = x[2];
             for (std::size_t i = 0; i < terms.values.size(); ++i) {
               const double d = x[0].values[i] - x[1].values[i];
               if (terms.values[i] != 0.0) terms.values[i] = d * d;
             }
             return terms;
           },
       .shapes = {{{3, 4}, {3, 4}, {3, 4}}, {{0}, {0}, {0}}},
       .entries = {{}, {}, mask},
       .extremes = {homogeneous(2), everywhere(as_reference()), folds_nothing(),
                    chooses({infinity, -infinity, std::nan("")})},
       .pullback =
           [](const Arrays& x, const Array& weights) {
             Arrays result{filled(x[0].shape, 0.0), filled(x[1].shape, 0.0)};
             for (std::size_t i = 0; i < x[0].values.size(); ++i) {
               if (x[2].values[i] == 0.0) continue;
               result[0].values[i] = 2.0 * weights.values[i] * (x[0].values[i] - x[1].values[i]);
               result[1].values[i] = -result[0].values[i];
             }
             return result;
           },
       .operation = "masked_mse_loss"},
  };
}

OpCase sensing_case() {
  return {.name = "sensing_loss",
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
                       "sensing_loss: measurements must be [count, ...] of matrices [3, 4], got [5, 4, 3]"}}};
}

}  // namespace

std::vector<OpCase> loss_cases() {
  auto rows = masked_cases();
  rows.push_back(sensing_case());
  return rows;
}

}  // namespace sigmagrad::testing
