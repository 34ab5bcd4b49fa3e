// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <numeric>

#include <sigmagrad/autograd/operations/sorting.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/op_cases.hpp>

namespace sigmagrad::testing {
namespace {

// Where the entries of a column stand in its order. NaN is the largest; equal entries keep their order.
std::vector<std::int64_t> order_of(const std::vector<double>& column, bool descending) {
  std::vector<std::int64_t> order(column.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t i, std::int64_t j) {
    const double a = column[static_cast<std::size_t>(descending ? j : i)];
    const double b = column[static_cast<std::size_t>(descending ? i : j)];
    return a < b || (std::isnan(b) && !std::isnan(a));
  });
  return order;
}

// The index of the entry of x that stands at index i of the sorted tensor.
Index source(const Array& x, Index i, int axis, bool descending) {
  const auto at = static_cast<std::size_t>(position(axis, i));
  const auto place = static_cast<std::size_t>(i[at]);
  std::vector<double> column;
  for (i[at] = 0; i[at] < x.shape[axis]; ++i[at]) column.push_back(x.at(i));
  i[at] = order_of(column, descending)[place];
  return i;
}

// f gives the first `count` values along the axis, or all if it is negative.
OpCase values_case(const std::string& name, std::function<Tensor(const Tensors&)> f, int axis, bool descending,
                   std::int64_t count = -1) {
  return {.name = name,
          .f = std::move(f),
          .reference =
              [=](const Arrays& x) {
                return Array(count < 0 ? x[0].shape : x[0].shape.with(axis, count),
                             [&](const Index& i) { return x[0].at(source(x[0], i, axis, descending)); });
              },
          .shapes = {{{3, 4}}, {{2, 3, 4}}, {{17, 9}}, {{3, 3}}},
          .extremes = {homogeneous(1), everywhere(as_reference()), folds_nothing(),
                       Choice(Choice::Kind::TakesAll, {})},  // another entry's poison moves the others
          .pullback =
              [=](const Arrays& x, const Array& weights) {
                Arrays result{filled(x[0].shape, 0.0)};
                for (std::int64_t k = 0; k < weights.shape.numel(); ++k) {
                  const Index i = index_of(k, weights.shape);
                  result[0].entry(source(x[0], i, axis, descending)) += weights.at(i);
                }
                return result;
              }};
}

OpCase sort_case(const std::string& name, int axis, bool descending) {
  OpCase row = values_case(
      name, [=](const Tensors& x) { return sort(x[0], axis, descending).values; }, axis, descending);
  row.shapes.insert(row.shapes.end(), {{{1, 1}}, {{0, 4}}, {{4, 0}}});
  row.misuses = {{[] { sort(ones({3}), 1); }, "sort: axis 1 is out of range for 1 axes"}};
  return row;
}

OpCase argsort_case() {
  return {.name = "argsort",
          .f = [](const Tensors& x) { return argsort(x[0], -2); },
          .reference =
              [](const Arrays& x) {
                return Array(x[0].shape, [&](const Index& i) {
                  return static_cast<double>(source(x[0], i, -2, false)[i.size() - 2]);
                });
              },
          .shapes = {{{3, 4}}, {{2, 3, 4}}, {{1, 1}}, {{0, 4}}, {{4, 0}}},
          .extremes = {homogeneous(0), everywhere(as_reference()), folds_nothing(), piecewise_constant()},
          .differentiable = false,
          .misuses = {{[] { argsort(ones({3}), 1); }, "argsort: axis 1 is out of range for 1 axes"}}};
}

OpCase topk_case(const std::string& name, bool largest) {
  OpCase row = values_case(
      name, [=](const Tensors& x) { return topk(x[0], 2, -1, largest).values; }, -1, largest, 2);
  row.extremes.choice = chooses({});
  row.extremes.edges.single = refuses_any("topk: k must be from 0 to the 1 entries of axis ");
  row.misuses = {{[] {
                    topk(ones({2, 3}), 4);
                  },
                  "topk: k must be from 0 to the 3 entries of axis 1 (got 4)"},
                 {[] {
                    topk(ones({2, 3}), -1);
                  },
                  "topk: k must be from 0 to the 3 entries of axis 1 (got -1)"},
                 {[] { topk(ones({3}), 1, 1); }, "topk: axis 1 is out of range for 1 axes"}};
  return row;
}

}  // namespace

std::vector<OpCase> sorting_cases() {
  return {sort_case("sort", -1, false),
          sort_case("sort_columns", -2, false),
          sort_case("sort_descending", -1, true),
          argsort_case(),
          topk_case("topk", true),
          topk_case("topk_smallest", false)};
}

}  // namespace sigmagrad::testing
