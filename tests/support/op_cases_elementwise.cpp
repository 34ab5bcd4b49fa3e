// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <limits>
#include <sigmagrad/autograd/creation.hpp>
#include <sigmagrad/autograd/elementwise.hpp>
#include <sigmagrad/tests/support/op_cases.hpp>

namespace sigmagrad::testing {
namespace {

constexpr Entries positive{0.5, 3.0}, above_minus_one{-0.8, 2.0}, away_from_zero{0.5, 2.0};

using X = const Tensor&;

OpCase where_case() {
  OpCase row{.name = "where",
             .f = [](const Tensors& x) { return where(x[0], x[1], x[2]); },
             .reference =
                 [](const Arrays& x) {
                   auto shape = detail::broadcast_shapes("reference", x[1].shape, x[2].shape);
                   shape = detail::broadcast_shapes("reference", shape, x[0].shape);
                   return Array(shape, [&](const Index& i) {
                     const auto entry = [&](const Array& a) { return a.at(broadcast_index(i, a.shape)); };
                     return entry(x[0]) != 0.0 ? entry(x[1]) : entry(x[2]);
                   });
                 }};
  row.shapes = {{{3, 4}, {3, 4}, {3, 4}}, {{4}, {3, 1}, {}}, {{3, 1}, {4}, {3, 4}}, {{}, {}, {}},
                {{1}, {1}, {1}},          {{0}, {0}, {0}},   {{1}, {2, 0}, {1, 1}}};
  row.entries = {{0.0, 2.0, true}};
  row.misuses = {{[] { where(ones({2}), ones({2}), ones({3})); }, "where: shapes do not broadcast: [2] and [3]"}};
  return row;
}

OpCase clamp_case() {
  OpCase row = entrywise(
      "clamp", +[](X x) { return clamp(x, -1.0, 1.0); }, +[](double x) { return x < -1.0  ? -1.0
                                                                                : x > 1.0 ? 1.0
                                                                                          : x; });
  row.misuses = {{[] { clamp(ones({2}), 2.0, 1.0); }, "clamp: low must be <= high (got 2 and 1)"},
                 {[] { clamp(ones({2}), std::nan(""), 1.0); }, "clamp: low must be <= high (got nan and 1)"}};
  return row;
}

OpCase isfinite_case() {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  OpCase row = entrywise(
      "isfinite", +[](X x) { return isfinite(1.0 / relu(x)); },
      +[](double x) { return x > 0.0 && x < infinity ? 1.0 : 0.0; });
  row.differentiable = false;
  return row;
}

OpCase allclose_case() {
  OpCase row{.name = "allclose",
             .f = [](const Tensors& x) { return full({}, allclose(x[0], x[1], 0.1, 0.2) ? 1.0 : 0.0, x[0].dtype()); },
             .reference =
                 [](const Arrays& x) {
                   bool close = true;
                   for (std::size_t i = 0; i < x[0].values.size(); ++i)
                     close = close && std::abs(x[0].values[i] - x[1].values[i]) <= 0.2 + 0.1 * std::abs(x[1].values[i]);
                   return Array({}, [&](const Index&) { return close ? 1.0 : 0.0; });
                 }};
  row.shapes = {{{3, 4}, {3, 4}}, {{1}, {1}}, {{}, {}}, {{0}, {0}}};
  row.differentiable = row.batched = row.captured = false;
  row.misuses = {{[] { allclose(ones({2}), ones({3})); }, "allclose: shapes do not broadcast: [2] and [3]"}};
  return row;
}

std::vector<OpCase> arithmetic_cases() {
  return {
      entrywise(
          "add", operator+, +[](double a, double b) { return a + b; }),
      entrywise(
          "sub", operator-, +[](double a, double b) { return a - b; }),
      entrywise(
          "mul", operator*, +[](double a, double b) { return a * b; }),
      entrywise(
          "div", operator/, +[](double a, double b) { return a / b; }, away_from_zero),
      entrywise(
          "maximum", maximum, +[](double a, double b) { return a > b ? a : b; }),
      entrywise(
          "minimum", minimum, +[](double a, double b) { return a < b ? a : b; }),
      entrywise(
          "neg", +[](X x) { return -x; }, +[](double x) { return -x; }),
      entrywise(
          "add_scalar", +[](X x) { return x + 1.5; }, +[](double x) { return x + 1.5; }),
      entrywise(
          "sub_scalar", +[](X x) { return x - 1.5; }, +[](double x) { return x - 1.5; }),
      entrywise(
          "mul_scalar", +[](X x) { return x * 1.5; }, +[](double x) { return x * 1.5; }),
      entrywise(
          "div_scalar", +[](X x) { return x / 1.5; }, +[](double x) { return x / 1.5; }),
      entrywise(
          "scalar_add", +[](X x) { return 1.5 + x; }, +[](double x) { return 1.5 + x; }),
      entrywise(
          "scalar_sub", +[](X x) { return 1.5 - x; }, +[](double x) { return 1.5 - x; }),
      entrywise(
          "scalar_mul", +[](X x) { return 1.5 * x; }, +[](double x) { return 1.5 * x; }),
      entrywise(
          "scalar_div", +[](X x) { return 1.5 / x; }, +[](double x) { return 1.5 / x; }, away_from_zero),
  };
}

OpCase pow_case() {
  OpCase row = entrywise(
      "pow_tensor", +[](X x, X p) { return pow(x, p); }, +[](double x, double p) { return std::pow(x, p); });
  row.entries = {positive, {}};
  row.operation = "pow";
  row.misuses = {{[] { pow(ones({2, 3}), ones({2, 4})); }, "pow: shapes do not broadcast: [2, 3] and [2, 4]"}};
  return row;
}

std::vector<OpCase> function_cases() {
  return {
      entrywise(
          "exp", exp, +[](double x) { return std::exp(x); }),
      entrywise(
          "log", log, +[](double x) { return std::log(x); }, positive),
      entrywise(
          "log1p", log1p, +[](double x) { return std::log1p(x); }, above_minus_one),
      entrywise(
          "sqrt", sqrt, +[](double x) { return std::sqrt(x); }, positive),
      entrywise(
          "square", square, +[](double x) { return x * x; }),
      entrywise(
          "abs", abs, +[](double x) { return x < 0.0 ? -x : x; }),
      entrywise(
          "sign", sign, +[](double x) { return x < 0.0   ? -1.0
                                               : x > 0.0 ? 1.0
                                                         : 0.0; }),
      entrywise(
          "pow", +[](X x) { return pow(x, 2.5); }, +[](double x) { return std::pow(x, 2.5); }, positive),
      entrywise(
          "pow_whole", +[](X x) { return pow(x, 3.0); }, +[](double x) { return x * x * x; }),
      entrywise(
          "pow_zero", +[](X x) { return pow(x, 0.0); }, +[](double) { return 1.0; }),
      pow_case(),
      entrywise(
          "sin", sin, +[](double x) { return std::sin(x); }),
      entrywise(
          "cos", cos, +[](double x) { return std::cos(x); }),
      entrywise(
          "tanh", tanh, +[](double x) { return std::tanh(x); }),
      entrywise("sigmoid", sigmoid, +[](double x) { return 1.0 / (1.0 + std::exp(-x)); }, {-5.0, 5.0}),
      entrywise(
          "relu", relu, +[](double x) { return x > 0.0 ? x : 0.0; }),
      entrywise(
          "leaky_relu", +[](X x) { return leaky_relu(x); }, +[](double x) { return x > 0.0 ? x : 0.01 * x; }),
      entrywise(
          "leaky_relu_slope", +[](X x) { return leaky_relu(x, 0.3); }, +[](double x) { return x > 0.0 ? x : 0.3 * x; }),
      entrywise(
          "clone", +[](X x) { return x.clone(); }, +[](double x) { return x; }),
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

/// Entries 0, 1 and 2, so that a third of them are ties.
OpCase comparison(const std::string& name, Binary f, double (*reference)(double, double)) {
  OpCase row = entrywise(name, f, reference, {0.0, 3.0, true});
  row.entries = {{0.0, 3.0, true}, {0.0, 3.0, true}};
  row.differentiable = false;
  row.operation = "compare";
  row.misuses = {{[f] { f(ones({2, 3}), ones({2, 4})); }, "compare: shapes do not broadcast: [2, 3] and [2, 4]"}};
  return row;
}

OpCase comparison(const std::string& name, Unary f, double (*reference)(double)) {
  OpCase row = entrywise(name, f, reference, {0.0, 3.0, true});
  row.differentiable = false;
  return row;
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
