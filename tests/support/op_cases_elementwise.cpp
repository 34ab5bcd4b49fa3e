// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/op_cases.hpp>

namespace sigmagrad::testing {
namespace {

constexpr Entries away_from_zero{0.5, 2.0};

constexpr double infinity = std::numeric_limits<double>::infinity(), not_a_number = std::nan("");

using X = const Tensor&;

// Derivatives that several rows share.
double zero(double) { return 0.0; }
double one(double) { return 1.0; }
double ones_of(double, double) { return 1.0; }
double first(double a, double) { return a; }
double second(double, double b) { return b; }
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

double between(double a, double b, double weight) {
  return std::isfinite(b - a) ? a + weight * (b - a) : (1.0 - weight) * a + weight * b;
}

OpCase lerp_case() {
  const auto visit = [](const Arrays& x, const auto& f) {
    auto shape = engine::broadcast_shapes("reference", x[0].shape, x[1].shape);
    shape = engine::broadcast_shapes("reference", shape, x[2].shape);
    return Array(shape, [&](const Index& i) {
      const auto at = [&](std::size_t k) { return broadcast_index(i, x[k].shape); };
      return f(i, std::array{at(0), at(1), at(2)}, std::array{x[0].at(at(0)), x[1].at(at(1)), x[2].at(at(2))});
    });
  };
  OpCase row{.name = "lerp",
             .f = [](const Tensors& x) { return lerp(x[0], x[1], x[2]); },
             .reference =
                 [visit](const Arrays& x) {
                   return visit(x, [](const Index&, const auto&, const auto& v) { return between(v[0], v[1], v[2]); });
                 },
             .extremes = {laws({{1, {0, 1}}}), everywhere(as_reference()), folds_nothing(), takes_all()},
             .pullback =
                 [visit](const Arrays& x, const Array& weights) {
                   Arrays result{filled(x[0].shape, 0.0), filled(x[1].shape, 0.0), filled(x[2].shape, 0.0)};
                   visit(x, [&](const Index& i, const auto& at, const auto& v) {
                     result[0].entry(at[0]) += weights.at(i) * (1.0 - v[2]);
                     result[1].entry(at[1]) += weights.at(i) * v[2];
                     result[2].entry(at[2]) += weights.at(i) * (v[1] - v[0]);
                     return 0.0;
                   });
                   return result;
                 }};
  row.shapes = {{{3, 4}, {3, 4}, {3, 4}}, {{4}, {3, 1}, {}}, {{3, 1}, {4}, {3, 4}}, {{}, {}, {}},
                {{1}, {1}, {1}},          {{0}, {0}, {0}},   {{1}, {2, 0}, {1, 1}}};
  row.entries = {{}, {}, {-0.5, 1.5}};
  row.misuses = {{[] { lerp(ones({2}), ones({2}), ones({3})); }, "lerp: shapes do not broadcast: [2] and [3]"}};
  return row;
}

OpCase isfinite_case() {
  OpCase row = entrywise(
      "isfinite", +[](X x) { return isfinite(1.0 / relu(x)); }, +[](double x) { return x > 0.0 ? 1.0 : 0.0; }, zero,
      by_reference());
  row.differentiable = false;
  return choosing(row, piecewise_constant());
}

OpCase isnan_case() {
  OpCase row = entrywise(
      "isnan", +[](X x) { return isnan(sqrt(x)); }, +[](double x) { return x >= 0.0 ? 0.0 : 1.0; }, zero,
      by_reference());
  row.differentiable = false;
  return choosing(row, piecewise_constant());
}

OpCase isinf_case() {
  OpCase row = entrywise(
      "isinf", +[](X x) { return isinf(1.0 / relu(x)); }, +[](double x) { return x <= 0.0 ? 1.0 : 0.0; }, zero,
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

OpCase lerp_number_case() {
  OpCase row = entrywise(
      "lerp", +[](X a, X b) { return lerp(a, b, 0.3); }, +[](double a, double b) { return between(a, b, 0.3); },
      {+[](double, double) { return 0.7; }, +[](double, double) { return 0.3; }}, homogeneous(1));
  row.name = "lerp_number";
  row.operation = "lerp";
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
      lerp_number_case(),
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

}  // namespace

std::vector<OpCase> elementwise_cases() {
  auto rows = arithmetic_cases();
  for (auto& row : {where_case(), lerp_case(), isfinite_case(), isnan_case(), isinf_case(), allclose_case()})
    rows.push_back(row);
  return rows;
}

namespace {

double nothing(double, double) { return 0.0; }

// Entries 0, 1 and 2, so that a third of them are ties.
OpCase comparison(const std::string& name, Binary f, double (*reference)(double, double),
                  const std::string& operation = "compare") {
  OpCase row = entrywise(name, f, reference, {nothing, nothing}, homogeneous(0), {0.0, 3.0, true});
  row.entries = {{0.0, 3.0, true}, {0.0, 3.0, true}};
  row.differentiable = false;
  row.extremes.choice = piecewise_constant();
  row.operation = operation;
  row.misuses = {{[f] { f(ones({2, 3}), ones({2, 4})); }, operation + ": shapes do not broadcast: [2, 3] and [2, 4]"}};
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
      comparison(
          "not", operator!, +[](double x) { return x == 0.0 ? 1.0 : 0.0; }),
      comparison(
          "and", operator&&, +[](double a, double b) { return a != 0.0 && b != 0.0 ? 1.0 : 0.0; }, "and"),
      comparison(
          "or", operator||, +[](double a, double b) { return a != 0.0 || b != 0.0 ? 1.0 : 0.0; }, "or"),
      comparison(
          "where_numbers", +[](X x) { return where(x, 1.5, -0.25); }, +[](double x) { return x != 0.0 ? 1.5 : -0.25; }),
  };
}

}  // namespace sigmagrad::testing
