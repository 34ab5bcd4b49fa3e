// SPDX-License-Identifier: BSD-3-Clause
// Losses that reduce a term for each pair of entries.
#include <algorithm>
#include <array>
#include <cmath>

#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/nn/losses.hpp>
#include <sigmagrad/tests/support/op_cases.hpp>

namespace sigmagrad::testing {
namespace {

using Term = double (*)(double, double);

struct Loss {
  std::string name;
  Tensor (*f)(const Tensor&, const Tensor&, Reduction);
  Term term;
  std::array<Term, 2> slopes;
  Scaling scaling;
  Entries second{};
};

// The row of the mean of the terms, or of the terms themselves.
OpCase row_of(const Loss& loss, Reduction reduction) {
  const bool mean = reduction == Reduction::Mean;
  const auto reference = [loss, mean](const Arrays& x) {
    Array terms = x[0];
    double total = 0;
    for (std::size_t i = 0; i < terms.values.size(); ++i)
      total += terms.values[i] = loss.term(x[0].values[i], x[1].values[i]);
    return mean ? filled(Shape{}, total / static_cast<double>(terms.values.size())) : terms;
  };
  const auto pullback = [loss, mean](const Arrays& x, const Array& weights) {
    Arrays result{x[0], x[1]};
    for (std::size_t i = 0; i < x[0].values.size(); ++i)
      for (std::size_t k = 0; k < 2; ++k) {
        const double weight = mean ? weights.values[0] / static_cast<double>(x[0].values.size()) : weights.values[i];
        result[k].values[i] = weight * loss.slopes[k](x[0].values[i], x[1].values[i]);
      }
    return result;
  };
  return {.name = mean ? loss.name : loss.name + "_each",
          .f = [=](const Tensors& x) { return loss.f(x[0], x[1], reduction); },
          .reference = reference,
          .shapes = {{{3, 4}, {3, 4}}, {{}, {}}, {{2, 3, 2}, {2, 3, 2}}},
          .entries = {{}, loss.second},
          .extremes = {loss.scaling, everywhere(as_reference()), mean ? folds({{{100000}, {100000}}}) : folds_nothing(),
                       takes_all()},
          .pullback = pullback,
          .batched = !mean,
          .operation = loss.name,
          .misuses = {{[=] { loss.f(ones({2}), ones({3}), reduction); }, loss.name + ": shapes differ: [2] and [3]"}}};
}

double sign(double d) { return d > 0 ? 1.0 : d < 0 ? -1.0 : d; }
template <int Hundredths>
double bowl(double d, double steepness) {
  constexpr double bound = Hundredths / 100.0;
  return std::abs(d) < bound ? 0.5 * d * d * (steepness / bound) : steepness * (std::abs(d) - 0.5 * bound);
}
template <int Hundredths>
double bowl_slope(double d, double steepness) {
  constexpr double bound = Hundredths / 100.0;
  return steepness * (std::abs(d) < bound ? d / bound : sign(d));
}

double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }
double logistic(double x) { return 1.0 / (1.0 + std::exp(-x)); }

std::vector<Loss> losses() {
  return {
      {.name = "mse_loss",
       .f = mse_loss,
       .term = [](double a, double b) { return (a - b) * (a - b); },
       .slopes = {[](double a, double b) { return 2 * (a - b); }, [](double a, double b) { return 2 * (b - a); }},
       .scaling = homogeneous(2)},
      {.name = "l1_loss",
       .f = l1_loss,
       .term = [](double a, double b) { return std::abs(a - b); },
       .slopes = {[](double a, double b) { return sign(a - b); }, [](double a, double b) { return sign(b - a); }},
       .scaling = homogeneous(1)},
      {.name = "smooth_l1_loss",
       .f = [](const Tensor& a, const Tensor& b, Reduction r) { return smooth_l1_loss(a, b, 0.75, r); },
       .term = [](double a, double b) { return bowl<75>(a - b, 1.0); },
       .slopes = {[](double a, double b) { return bowl_slope<75>(a - b, 1.0); },
                  [](double a, double b) { return bowl_slope<75>(b - a, 1.0); }},
       .scaling = by_reference()},
      {.name = "huber_loss",
       .f = [](const Tensor& a, const Tensor& b, Reduction r) { return huber_loss(a, b, 1.25, r); },
       .term = [](double a, double b) { return bowl<125>(a - b, 1.25); },
       .slopes = {[](double a, double b) { return bowl_slope<125>(a - b, 1.25); },
                  [](double a, double b) { return bowl_slope<125>(b - a, 1.25); }},
       .scaling = by_reference()},
      {.name = "bce_with_logits",
       .f = bce_with_logits,
       .term =
           [](double x, double y) {
             if (std::isinf(y)) return -x * y;
             return (y == 0.0 ? 0.0 : y * softplus(-x)) + (y == 1.0 ? 0.0 : (1.0 - y) * softplus(x));
           },
       .slopes = {[](double x, double y) { return (1.0 - y) * logistic(x) - y * logistic(-x); },
                  [](double x, double) { return -x; }},
       .scaling = by_reference(),
       .second = {0.1, 0.9}},
      {.name = "kl_div",
       .f = kl_div,
       .term = [](double x, double p) { return p == 0.0 ? 0.0 : p * (std::log(p) - x); },
       .slopes = {[](double, double p) { return -p; }, [](double x, double p) { return std::log(p) - x + 1.0; }},
       .scaling = by_reference(),
       .second = {0.1, 0.9}},
  };
}

}  // namespace

std::vector<OpCase> term_loss_cases() {
  std::vector<OpCase> rows;
  for (const auto& loss : losses()) {
    rows.push_back(row_of(loss, Reduction::Mean));
    rows.push_back(row_of(loss, Reduction::None));
  }
  return rows;
}

}  // namespace sigmagrad::testing
