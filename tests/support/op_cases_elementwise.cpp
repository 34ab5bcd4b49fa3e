// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/op_cases.hpp>

namespace sigmagrad::testing {
namespace {

constexpr Entries positive{0.5, 3.0}, above_minus_one{-0.8, 2.0}, away_from_zero{0.5, 2.0};

constexpr double infinity = std::numeric_limits<double>::infinity(), not_a_number = std::nan("");

using X = const Tensor&;

// Derivatives that several rows share.
double zero(double) { return 0.0; }
double one(double) { return 1.0; }
double ones_of(double, double) { return 1.0; }
double first(double a, double) { return a; }
double second(double, double b) { return b; }
double sign_of(double x) { return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : x; }
// Half at ties; all to a NaN.
double share_of_larger(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) ? 1.0 : 0.0;
  return a > b ? 1.0 : a < b ? 0.0 : 0.5;
}
double share_of_smaller(double a, double b) { return share_of_larger(-a, -b); }

OpCase where_case() {
  OpCase row{
      .name = "where",
      .f = [](const Tensors& x) { return where(x[0], x[1], x[2]); },
      .reference =
          [](const Arrays& x) {
            auto shape = engine::broadcast_shapes("reference", x[1].shape, x[2].shape);
            shape = engine::broadcast_shapes("reference", shape, x[0].shape);
            return Array(shape, [&](const Index& i) {
              const auto entry = [&](const Array& a) { return a.at(broadcast_index(i, a.shape)); };
              return entry(x[0]) != 0.0 ? entry(x[1]) : entry(x[2]);
            });
          },
      .extremes = {homogeneous(1), linear_edges(), folds_nothing(), chooses({infinity, -infinity, not_a_number})}};
  row.shapes = {{{3, 4}, {3, 4}, {3, 4}}, {{4}, {3, 1}, {}}, {{3, 1}, {4}, {3, 4}}, {{}, {}, {}},
                {{1}, {1}, {1}},          {{0}, {0}, {0}},   {{1}, {2, 0}, {1, 1}}};
  row.entries = {{0.0, 2.0, true}};
  row.misuses = {{[] { where(ones({2}), ones({2}), ones({3})); }, "where: shapes do not broadcast: [2] and [3]"}};
  return row;
}

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

OpCase isfinite_case() {
  OpCase row = entrywise(
      "isfinite", +[](X x) { return isfinite(1.0 / relu(x)); }, +[](double x) { return x > 0.0 ? 1.0 : 0.0; }, zero,
      by_reference());
  row.differentiable = false;
  return choosing(row, piecewise_constant());
}

OpCase allclose_case() {
  OpCase row{
      .name = "allclose",
      .f = [](const Tensors& x) { return full({}, allclose(x[0], x[1], 0.1, 0.2) ? 1.0 : 0.0, x[0].dtype()); },
      .reference =
          [](const Arrays& x) {
            bool close = true;
            for (std::size_t i = 0; i < x[0].values.size(); ++i) {
              const double a = x[0].values[i], b = x[1].values[i];
              close = close && (a == b || (std::isfinite(b) && std::abs(a - b) <= 0.2 + 0.1 * std::abs(b)));
            }
            return Array({}, [&](const Index&) { return close ? 1.0 : 0.0; });
          },
      .extremes = {by_reference(), everywhere(as_reference()), folds({{{100000}, {100000}}}), piecewise_constant()}};
  row.shapes = {{{3, 4}, {3, 4}}, {{1}, {1}}, {{}, {}}, {{0}, {0}}};
  row.differentiable = row.batched = row.captured = false;
  row.misuses = {{[] { allclose(ones({2}), ones({3})); }, "allclose: shapes do not broadcast: [2] and [3]"}};
  return row;
}

std::vector<OpCase> arithmetic_cases() {
  return {
      entrywise(
          "add", operator+, +[](double a, double b) { return a + b; }, {ones_of, ones_of}, homogeneous(1)),
      entrywise(
          "sub", operator-, +[](double a, double b) { return a - b; }, {ones_of, +[](double, double) { return -1.0; }},
          homogeneous(1)),
      entrywise(
          "mul", operator*, +[](double a, double b) { return a * b; }, {second, first}, homogeneous_in_each({1, 1})),
      entrywise(
          "div", operator/, +[](double a, double b) { return a / b; },
          {+[](double, double b) { return 1.0 / b; }, +[](double a, double b) { return -(a / b) / b; }},
          homogeneous_in_each({1, -1}), away_from_zero),
      choosing(entrywise(
                   "maximum", maximum,
                   +[](double a, double b) { return std::isnan(a) || std::isnan(b) ? not_a_number : std::max(a, b); },
                   {share_of_larger, +[](double a, double b) { return share_of_larger(b, a); }}, homogeneous(1)),
               chooses({-infinity})),
      choosing(entrywise(
                   "minimum", minimum,
                   +[](double a, double b) { return std::isnan(a) || std::isnan(b) ? not_a_number : std::min(a, b); },
                   {share_of_smaller, +[](double a, double b) { return share_of_smaller(b, a); }}, homogeneous(1)),
               chooses({infinity})),
      entrywise(
          "neg", +[](X x) { return -x; }, +[](double x) { return -x; }, +[](double) { return -1.0; }, homogeneous(1)),
      entrywise(
          "add_scalar", +[](X x) { return x + 1.5; }, +[](double x) { return x + 1.5; }, one, by_reference()),
      entrywise(
          "sub_scalar", +[](X x) { return x - 1.5; }, +[](double x) { return x - 1.5; }, one, by_reference()),
      entrywise(
          "mul_scalar", +[](X x) { return x * 1.5; }, +[](double x) { return x * 1.5; }, +[](double) { return 1.5; },
          homogeneous(1)),
      entrywise(
          "div_scalar", +[](X x) { return x / 1.5; }, +[](double x) { return x / 1.5; },
          +[](double) { return 1.0 / 1.5; }, homogeneous(1)),
      entrywise(
          "scalar_add", +[](X x) { return 1.5 + x; }, +[](double x) { return 1.5 + x; }, one, by_reference()),
      entrywise(
          "scalar_sub", +[](X x) { return 1.5 - x; }, +[](double x) { return 1.5 - x; }, +[](double) { return -1.0; },
          by_reference()),
      entrywise(
          "scalar_mul", +[](X x) { return 1.5 * x; }, +[](double x) { return 1.5 * x; }, +[](double) { return 1.5; },
          homogeneous(1)),
      entrywise(
          "scalar_div", +[](X x) { return 1.5 / x; }, +[](double x) { return 1.5 / x; },
          +[](double x) { return -(1.5 / x) / x; }, homogeneous(-1), away_from_zero),
  };
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

std::vector<OpCase> function_cases() {
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
          "sin", sin, +[](double x) { return std::sin(x); }, +[](double x) { return std::cos(x); }, by_reference()),
      entrywise(
          "cos", cos, +[](double x) { return std::cos(x); }, +[](double x) { return -std::sin(x); }, by_reference()),
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
      entrywise(
          "clone", +[](X x) { return x.clone(); }, +[](double x) { return x; }, one, homogeneous(1)),
      clamp_case(),
      where_case(),
      isfinite_case(),
      allclose_case(),
  };
}

}  // namespace

std::vector<OpCase> elementwise_cases() {
  auto rows = arithmetic_cases();
  for (auto& row : function_cases()) rows.push_back(std::move(row));
  return rows;
}

namespace {

double nothing(double, double) { return 0.0; }

// Entries 0, 1 and 2, so that a third of them are ties.
OpCase comparison(const std::string& name, Binary f, double (*reference)(double, double)) {
  OpCase row = entrywise(name, f, reference, {nothing, nothing}, homogeneous(0), {0.0, 3.0, true});
  row.entries = {{0.0, 3.0, true}, {0.0, 3.0, true}};
  row.differentiable = false;
  row.extremes.choice = piecewise_constant();
  row.operation = "compare";
  row.misuses = {{[f] { f(ones({2, 3}), ones({2, 4})); }, "compare: shapes do not broadcast: [2, 3] and [2, 4]"}};
  return row;
}

OpCase comparison(const std::string& name, Unary f, double (*reference)(double)) {
  OpCase row = entrywise(name, f, reference, zero, by_reference(), {0.0, 3.0, true});
  row.differentiable = false;
  return choosing(row, piecewise_constant());
}

}  // namespace

std::vector<OpCase> comparison_cases() {
  return {
      comparison(
          "less", operator<, +[](double a, double b) { return a < b ? 1.0 : 0.0; }),
      comparison(
          "less_equal", operator<=, +[](double a, double b) { return a <= b ? 1.0 : 0.0; }),
      comparison(
          "greater", operator>, +[](double a, double b) { return a > b ? 1.0 : 0.0; }),
      comparison(
          "greater_equal", operator>=, +[](double a, double b) { return a >= b ? 1.0 : 0.0; }),
      comparison(
          "equal", operator==, +[](double a, double b) { return a == b ? 1.0 : 0.0; }),
      comparison(
          "not_equal", operator!=, +[](double a, double b) { return a != b ? 1.0 : 0.0; }),
      comparison(
          "less_scalar", +[](X x) { return x < 1.0; }, +[](double x) { return x < 1.0 ? 1.0 : 0.0; }),
      comparison(
          "less_equal_scalar", +[](X x) { return x <= 1.0; }, +[](double x) { return x <= 1.0 ? 1.0 : 0.0; }),
      comparison(
          "greater_scalar", +[](X x) { return x > 1.0; }, +[](double x) { return x > 1.0 ? 1.0 : 0.0; }),
      comparison(
          "greater_equal_scalar", +[](X x) { return x >= 1.0; }, +[](double x) { return x >= 1.0 ? 1.0 : 0.0; }),
      comparison(
          "equal_scalar", +[](X x) { return x == 1.0; }, +[](double x) { return x == 1.0 ? 1.0 : 0.0; }),
      comparison(
          "not_equal_scalar", +[](X x) { return x != 1.0; }, +[](double x) { return x != 1.0 ? 1.0 : 0.0; }),
  };
}

}  // namespace sigmagrad::testing
