// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <array>
#include <cmath>

#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/op_cases.hpp>

namespace sigmagrad::testing {
namespace {

OpCase cat_case() {
  return {.name = "cat",
          .f = [](const Tensors& x) { return cat(x, -1); },
          .reference =
              [](const Arrays& x) {
                std::int64_t total = 0;
                for (const auto& part : x) total += part.shape[-1];
                return Array(x[0].shape.with(-1, total), [&](Index i) {
                  auto part = x.begin();
                  for (; i.back() >= part->shape[-1]; ++part) i.back() -= part->shape[-1];
                  return part->at(i);
                });
              },
          .shapes = {{{2, 3}, {2, 1}, {2, 2}},
                     {{2, 3}, {2, 1}, {2, 2}, {2, 1}, {2, 1}},
                     {{3}, {0}, {2}},
                     {{2, 3}},
                     {{0, 3}, {0, 1}},
                     {{1}, {1}}},
          .extremes = {homogeneous(1), linear_edges(), folds_nothing(), takes_all()},
          .misuses = {{[] { cat({}); }, "cat: needs at least one tensor"},
                      {[] {
                         cat({ones({2, 3}), ones({3, 3})}, 1);
                       },
                       "cat: shapes differ off axis 1: [2, 3] and [3, 3]"},
                      {[] {
                         cat({ones({2, 3}), ones({2})});
                       },
                       "cat: shapes differ off axis 0: [2, 3] and [2]"},
                      {[] { cat({ones({})}); }, "cat: axis 0 is out of range for 0 axes"}}};
}

OpCase stack_case() {
  return {.name = "stack",
          .f = [](const Tensors& x) { return stack(x, -2); },
          .reference =
              [](const Arrays& x) {
                return Array(x[0].shape.inserted(-2, std::ssize(x)), [&](Index i) {
                  const auto part = static_cast<std::size_t>(i.end()[-2]);
                  i.erase(i.end() - 2);
                  return x[part].at(i);
                });
              },
          .shapes = {{{3}, {3}}, {{2, 3}, {2, 3}, {2, 3}}, {{0}, {0}}, {{1}}},
          .extremes = {homogeneous(1), linear_edges(), folds_nothing(), takes_all()},
          .misuses = {{[] { stack({}); }, "stack: needs at least one tensor"},
                      {[] {
                         stack({ones({2}), ones({3})});
                       },
                       "stack: shapes differ: [2] and [3]"},
                      {[] { stack({ones({2})}, 2); }, "stack: axis 2 is out of range for 2 axes"}}};
}

constexpr std::array<std::int64_t, 4> chosen = {2, 0, 2, 1};

OpCase index_select_case() {
  Edges edges = linear_edges();
  edges.single = refuses("index_select: index 2 is out of range for an axis of 1");
  static constexpr std::array<std::int64_t, 2> outside = {0, 3}, negative = {0, -1};
  return {.name = "index_select",
          .f = [](const Tensors& x) { return index_select(x[0], -2, chosen); },
          .reference =
              [](const Arrays& x) {
                return Array(x[0].shape.with(-2, std::ssize(chosen)), [&](Index i) {
                  i.end()[-2] = chosen[static_cast<std::size_t>(i.end()[-2])];
                  return x[0].at(i);
                });
              },
          .shapes = {{{3, 4}}, {{2, 3, 2}}, {{3, 1}}, {{5, 2}}, {{3, 0}}},
          .extremes = {homogeneous(1), edges, folds_nothing(), left_out()},
          .misuses = {{[] { index_select(ones({3}), 0, outside); },
                       "index_select: index 3 is out of range for an axis of 3"},
                      {[] { index_select(ones({3}), 0, negative); },
                       "index_select: index -1 is out of range for an axis of 3"},
                      {[] { index_select(ones({3}), 1, chosen); }, "index_select: axis 1 is out of range for 1 axes"}}};
}

OpCase gather_case() {
  return {
      .name = "gather",
      .f = [](const Tensors& x) { return gather(x[0], -1, x[1]); },
      .reference =
          [](const Arrays& x) {
            return Array(x[1].shape, [&](Index i) {
              i.back() = static_cast<std::int64_t>(x[1].at(i));
              return x[0].at(i);
            });
          },
      .shapes = {{{3, 4}, {3, 2}}, {{2, 3, 4}, {2, 3, 5}}, {{4}, {4}}, {{4}, {0}}, {{0, 4}, {0, 2}}},
      .entries = {{}, {0.0, 4.0, true}},
      .extremes = {homogeneous(1), linear_edges(), folds_nothing(), left_out()},
      .mixes_dtypes = true,
      .misuses = {{[] {
                     gather(ones({2, 3}), 1, ones({3, 1}));
                   },
                   "gather: shapes differ off axis 1: [2, 3] and [3, 1]"},
                  {[] { gather(ones({2}), 0, full({1}, 0.5)); }, "gather: indices must be whole numbers, got 0.5"},
                  {[] { gather(ones({2}), 0, full({1}, 2.0)); }, "gather: index 2 is out of range for an axis of 2"},
                  {[] { gather(ones({2}), 0, full({1}, 1e300)); },
                   "gather: index 1e+300 is out of range for an axis of 2"}}};
}

OpCase diag_case() {
  OpCase row{.name = "diag",
             .f = [](const Tensors& x) { return diag(x[0]); },
             .reference =
                 [](const Arrays& x) {
                   if (x[0].shape.rank() == 1)
                     return Array({x[0].shape[0], x[0].shape[0]},
                                  [&](const Index& i) { return i[0] == i[1] ? x[0].at({i[0]}) : 0.0; });
                   return Array({std::min(x[0].shape[0], x[0].shape[1])}, [&](const Index& i) {
                     return x[0].at({i[0], i[0]});
                   });
                 },
             .shapes = {{{3}}, {{3, 3}}, {{2, 4}}, {{4, 2}}, {{1}}, {{1, 1}}, {{0}}, {{0, 3}}},
             .extremes = {homogeneous(1), linear_edges(), folds_nothing(), left_out()}};
  row.batched = false;  // a batch of vectors is a matrix
  row.misuses = {{[] { diag(ones({2, 2, 2})); }, "diag: needs a vector or a matrix, got [2, 2, 2]"}};
  return row;
}

OpCase trace_case() {
  return {.name = "trace",
          .f = [](const Tensors& x) { return trace(x[0]); },
          .reference =
              [](const Arrays& x) {
                const Shape& shape = x[0].shape;
                return Array(shape.head(shape.rank() - 2), [&](Index i) {
                  double total = 0.0;
                  i.insert(i.end(), {0, 0});
                  for (; i.back() < std::min(shape[-1], shape[-2]); ++i.end()[-2], ++i.back()) total += x[0].at(i);
                  return total;
                });
              },
          .shapes = {{{3, 3}}, {{2, 4}}, {{2, 3, 2}}, {{1, 1}}, {{0, 3}}, {{0, 2, 2}}},
          .extremes = {homogeneous(1), linear_edges(), folds({{{400, 400}}}), left_out()},
          .misuses = {{[] { trace(ones({3})); }, "trace: needs a matrix, got [3]"}}};
}

}  // namespace

std::vector<OpCase> indexing_cases() {
  return {cat_case(), stack_case(), index_select_case(), gather_case(), diag_case(), trace_case()};
}

}  // namespace sigmagrad::testing
