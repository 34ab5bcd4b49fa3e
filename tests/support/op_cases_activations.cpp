// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <limits>
#include <numbers>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/op_cases.hpp>

namespace sigmagrad::testing {
namespace {

using X = const Tensor&;

constexpr double infinity = std::numeric_limits<double>::infinity();

// References in long double, whose range and digits are larger.
using Long = long double;
constexpr Long root_half = 0.707106781186547524400844362104849039L, root_pi = 1.772453850905516027298167483341145183L;

double logistic(double x) { return static_cast<double>(1.0L / (1.0L + std::exp(-Long(x)))); }
Long normal(Long x) { return std::erfc(-x * root_half) / 2.0L; }

double gelu_of(double x) { return x == -infinity ? 0.0 : static_cast<double>(x * normal(x)); }
double gelu_slope(double x) {
  if (std::isinf(x)) return x > 0.0 ? 1.0 : 0.0;
  return static_cast<double>(normal(x) + x * std::exp(-Long(x) * x / 2.0L) * root_half / root_pi);
}
double erf_slope(double x) { return static_cast<double>(2.0L / root_pi * std::exp(-Long(x) * x)); }
double silu_of(double x) { return x == -infinity ? 0.0 : static_cast<double>(x / (1.0L + std::exp(-Long(x)))); }
double silu_slope(double x) {
  if (std::isinf(x)) return x > 0.0 ? 1.0 : 0.0;
  const Long left = 1.0L / (1.0L + std::exp(-Long(x))), right = 1.0L / (1.0L + std::exp(Long(x)));
  return static_cast<double>(left + x * left * right);
}
double softplus_of(double x, double beta) {
  const Long y = Long(beta) * x;
  return static_cast<double>((y > 0.0L ? y + std::log1p(std::exp(-y)) : std::log1p(std::exp(y))) / beta);
}
double elu_of(double x, double alpha) { return x > 0.0 ? x : alpha * std::expm1(x); }
double elu_slope(double x, double alpha) { return x > 0.0 ? 1.0 : alpha * std::exp(x); }

OpCase clamp_case() {
  OpCase row = choosing(entrywise(
                            "clamp", +[](X x) { return clamp(x, -1.0, 1.0); },
                            +[](double x) { return x < -1.0  ? -1.0
                                                   : x > 1.0 ? 1.0
                                                             : x; },
                            +[](double x) { return x >= -1.0 && x <= 1.0 ? 1.0 : 0.0; }, by_reference()),
                        chooses({}));
  row.misuses = {{[] { clamp(ones({2}), 2.0, 1.0); }, "clamp: low must be <= high (got 2 and 1)"},
                 {[] { clamp(ones({2}), std::nan(""), 1.0); }, "clamp: low must be <= high (got nan and 1)"}};
  return row;
}

OpCase softplus_case() {
  OpCase row = entrywise(
      "softplus", +[](X x) { return softplus(x); }, +[](double x) { return softplus_of(x, 1.0); }, logistic,
      by_reference());
  row.misuses = {{[] { softplus(ones({2}), 0.0); }, "softplus: beta must be > 0 and finite (got 0)"},
                 {[] { softplus(ones({2}), infinity); }, "softplus: beta must be > 0 and finite (got inf)"}};
  return row;
}

OpCase clamp_min_case() {
  OpCase row =
      choosing(entrywise(
                   "clamp_min", +[](X x) { return clamp_min(x, -1.0); }, +[](double x) { return x < -1.0 ? -1.0 : x; },
                   +[](double x) { return x >= -1.0 ? 1.0 : 0.0; }, by_reference()),
               chooses({-infinity}));
  row.misuses = {{[] { clamp_min(ones({2}), std::nan("")); }, "clamp_min: low must be a number (got nan)"}};
  return row;
}

OpCase clamp_max_case() {
  OpCase row =
      choosing(entrywise(
                   "clamp_max", +[](X x) { return clamp_max(x, 1.0); }, +[](double x) { return x > 1.0 ? 1.0 : x; },
                   +[](double x) { return x <= 1.0 ? 1.0 : 0.0; }, by_reference()),
               chooses({infinity}));
  row.misuses = {{[] { clamp_max(ones({2}), std::nan("")); }, "clamp_max: high must be a number (got nan)"}};
  return row;
}

}  // namespace

std::vector<OpCase> activation_cases() {
  return {
      entrywise(
          "tanh", tanh, +[](double x) { return std::tanh(x); },
          +[](double x) { return 1.0 / (std::cosh(x) * std::cosh(x)); }, by_reference()),
      entrywise(
          "sigmoid", sigmoid, +[](double x) { return 1.0 / (1.0 + std::exp(-x)); },
          +[](double x) { return 1.0 / (2.0 + std::exp(-x) + std::exp(x)); }, by_reference(), {-5.0, 5.0}),
      choosing(entrywise(
                   "relu", relu, +[](double x) { return x < 0.0 ? 0.0 : x; },
                   +[](double x) { return x > 0.0 ? 1.0 : 0.0; }, homogeneous(1)),
               chooses({-infinity})),
      entrywise(
          "leaky_relu", +[](X x) { return leaky_relu(x); }, +[](double x) { return x < 0.0 ? 0.01 * x : x; },
          +[](double x) { return x > 0.0 ? 1.0 : 0.01; }, homogeneous(1)),
      entrywise(
          "leaky_relu_slope", +[](X x) { return leaky_relu(x, 0.3); }, +[](double x) { return x < 0.0 ? 0.3 * x : x; },
          +[](double x) { return x > 0.0 ? 1.0 : 0.3; }, homogeneous(1)),
      clamp_case(),
      clamp_min_case(),
      clamp_max_case(),
      entrywise(
          "erf", erf, +[](double x) { return std::erf(x); }, erf_slope, by_reference()),
      entrywise("gelu", gelu, gelu_of, gelu_slope, by_reference()),
      entrywise("silu", silu, silu_of, silu_slope, by_reference()),
      softplus_case(),
      entrywise(
          "softplus_beta", +[](X x) { return softplus(x, 2.5); }, +[](double x) { return softplus_of(x, 2.5); },
          +[](double x) { return logistic(2.5 * x); }, by_reference()),
      entrywise(
          "elu", +[](X x) { return elu(x); }, +[](double x) { return elu_of(x, 1.0); },
          +[](double x) { return elu_slope(x, 1.0); }, by_reference()),
      entrywise(
          "elu_alpha", +[](X x) { return elu(x, 0.25); }, +[](double x) { return elu_of(x, 0.25); },
          +[](double x) { return elu_slope(x, 0.25); }, by_reference()),
  };
}

}  // namespace sigmagrad::testing
