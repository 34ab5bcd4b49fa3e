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

constexpr Entries positive{0.5, 3.0}, above_minus_one{-0.8, 2.0};

double zero(double) { return 0.0; }
double one(double) { return 1.0; }
double sign_of(double x) { return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : x; }
double half_to_even(double x) {
  const double below = std::floor(x), over = x - below;
  if (over == 0.5) return below + (std::fmod(below, 2.0) == 0.0 ? 0.0 : 1.0);
  return over < 0.5 ? below : over > 0.5 ? below + 1.0 : x;
}
// a / (a^2 + b^2), 0 where one is infinite.
double inverted(double a, double b) {
  if (std::isinf(a) || std::isinf(b)) return std::isnan(a + b) && !(std::isinf(a) && std::isinf(b)) ? a + b : 0.0;
  const long double x = a, y = b;
  return static_cast<double>(x / (x * x + y * y));
}

OpCase pow_case() {
  OpCase row = entrywise(
      "pow_tensor", +[](X x, X p) { return pow(x, p); }, +[](double x, double p) { return std::pow(x, p); },
      {+[](double x, double p) { return p == 0.0 || std::pow(x, p - 1.0) == 0.0 ? 0.0 : p * std::pow(x, p - 1.0); },
       +[](double x, double p) { return x == 0.0 || std::pow(x, p) == 0.0 ? 0.0 : std::pow(x, p) * std::log(x); }},
      by_reference());
  row.entries = {positive, {}};
  row.operation = "pow";
  row.misuses = {{[] { pow(ones({2, 3}), ones({2, 4})); }, "pow: shapes do not broadcast: [2, 3] and [2, 4]"}};
  return row;
}

// Powers, exponentials, logarithms, signs and whole parts.
std::vector<OpCase> algebraic_cases() {
  return {
      entrywise(
          "exp", exp, +[](double x) { return std::exp(x); }, +[](double x) { return std::exp(x); }, by_reference()),
      entrywise(
          "log", log, +[](double x) { return std::log(x); }, +[](double x) { return 1.0 / x; }, by_reference(),
          positive),
      entrywise(
          "log1p", log1p, +[](double x) { return std::log1p(x); }, +[](double x) { return 1.0 / (1.0 + x); },
          by_reference(), above_minus_one),
      entrywise(
          "sqrt", sqrt, +[](double x) { return std::sqrt(x); }, +[](double x) { return 0.5 / std::sqrt(x); },
          homogeneous(0.5), positive),
      entrywise(
          "square", square, +[](double x) { return x * x; }, +[](double x) { return 2.0 * x; }, homogeneous(2)),
      entrywise(
          "abs", abs, +[](double x) { return x < 0.0 ? -x : x; }, sign_of, homogeneous(1)),
      choosing(entrywise("sign", sign, sign_of, zero, homogeneous(0)), piecewise_constant()),
      entrywise(
          "pow", +[](X x) { return pow(x, 2.5); }, +[](double x) { return std::pow(x, 2.5); },
          +[](double x) { return 2.5 * std::pow(x, 1.5); }, homogeneous(2.5), positive),
      entrywise(
          "pow_whole", +[](X x) { return pow(x, 3.0); }, +[](double x) { return x * x * x; },
          +[](double x) { return 3.0 * (x * x); }, homogeneous(3)),
      choosing(entrywise(
                   "pow_zero", +[](X x) { return pow(x, 0.0); }, +[](double) { return 1.0; }, zero, homogeneous(0)),
               piecewise_constant()),
      pow_case(),
      entrywise(
          "expm1", expm1, +[](double x) { return std::expm1(x); }, +[](double x) { return std::exp(x); },
          by_reference()),
      entrywise(
          "log2", log2, +[](double x) { return std::log2(x); }, +[](double x) { return std::numbers::log2e / x; },
          by_reference(), positive),
      entrywise(
          "rsqrt", rsqrt, +[](double x) { return 1.0 / std::sqrt(x); },
          +[](double x) { return -0.5 / (x * std::sqrt(x)); }, homogeneous(-0.5), positive),
      choosing(entrywise(
                   "floor", floor, +[](double x) { return std::floor(x); }, zero, by_reference()),
               piecewise_constant()),
      choosing(entrywise(
                   "ceil", ceil, +[](double x) { return std::ceil(x); }, zero, by_reference()),
               piecewise_constant()),
      choosing(entrywise("round", round, half_to_even, zero, by_reference()), piecewise_constant()),
      entrywise(
          "pow_of_number", +[](X x) { return pow(2.5, x); }, +[](double x) { return std::pow(2.5, x); },
          +[](double x) { return std::pow(2.5, x) * std::log(2.5); }, by_reference()),
      entrywise(
          "clone", +[](X x) { return x.clone(); }, +[](double x) { return x; }, one, homogeneous(1)),
  };
}

// Angles and their kin.
std::vector<OpCase> trigonometric_cases() {
  return {
      entrywise(
          "sin", sin, +[](double x) { return std::sin(x); }, +[](double x) { return std::cos(x); }, by_reference()),
      entrywise(
          "cos", cos, +[](double x) { return std::cos(x); }, +[](double x) { return -std::sin(x); }, by_reference()),
      entrywise(
          "tan", tan, +[](double x) { return std::tan(x); },
          +[](double x) { return 1.0 / (std::cos(x) * std::cos(x)); }, by_reference(), {-1.2, 1.2}),
      entrywise(
          "sinh", sinh, +[](double x) { return std::sinh(x); }, +[](double x) { return std::cosh(x); }, by_reference()),
      entrywise(
          "cosh", cosh, +[](double x) { return std::cosh(x); }, +[](double x) { return std::sinh(x); }, by_reference()),
      entrywise(
          "atan2", atan2, +[](double y, double x) { return std::atan2(y, x); },
          {+[](double y, double x) { return inverted(x, y); }, +[](double y, double x) { return -inverted(y, x); }},
          homogeneous(0)),
  };
}

}  // namespace

std::vector<OpCase> function_cases() {
  auto rows = algebraic_cases();
  for (auto& row : trigonometric_cases()) rows.push_back(std::move(row));
  return rows;
}

}  // namespace sigmagrad::testing
