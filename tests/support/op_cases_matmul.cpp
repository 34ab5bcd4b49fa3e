// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/op_cases.hpp>

namespace sigmagrad::testing {
namespace {

// [..., m, k] x [..., k, n], entry by entry.
Array product(const Array& a, const Array& b) {
  const int a_batch = a.shape.rank() - 2, b_batch = b.shape.rank() - 2;
  const Shape batch = engine::broadcast_shapes("reference", a.shape.head(a_batch), b.shape.head(b_batch));
  return Array(batch.inserted(-1, a.shape[-2]).inserted(-1, b.shape[-1]), [&](const Index& index) {
    const Index lead(index.begin(), index.end() - 2);
    Index i = broadcast_index(lead, a.shape.head(a_batch)), j = broadcast_index(lead, b.shape.head(b_batch));
    i.insert(i.end(), {index.end()[-2], 0});
    j.insert(j.end(), {0, index.back()});
    double total = 0.0;
    for (; i.back() < a.shape[-1]; ++i.back(), ++j.end()[-2]) total += a.at(i) * b.at(j);
    return total;
  });
}

// The pullback of all products of two entries; broadcast matrices gather the sums.
Arrays product_pullback(const Array& a, const Array& b, const Array& weights) {
  const int a_batch = a.shape.rank() - 2, b_batch = b.shape.rank() - 2;
  Arrays result{filled(a.shape, 0.0), filled(b.shape, 0.0)};
  for (std::int64_t o = 0; o < weights.shape.numel(); ++o) {
    const Index index = index_of(o, weights.shape), lead(index.begin(), index.end() - 2);
    Index i = broadcast_index(lead, a.shape.head(a_batch)), j = broadcast_index(lead, b.shape.head(b_batch));
    i.insert(i.end(), {index.end()[-2], 0});
    j.insert(j.end(), {0, index.back()});
    for (; i.back() < a.shape[-1]; ++i.back(), ++j.end()[-2]) {
      result[0].entry(i) += weights.at(index) * b.at(j);
      result[1].entry(j) += weights.at(index) * a.at(i);
    }
  }
  return result;
}

Array transposed(const Array& x) {
  return Array(x.shape.swapped(-2, -1), [&](Index i) { return std::swap(i.back(), i.end()[-2]), x.at(i); });
}

// The vectors made matrices, and their axes dropped again.
Array product_with_vectors(Array a, Array b) {
  const bool row = a.shape.rank() == 1, column = b.shape.rank() == 1;
  if (row) a.shape = a.shape.inserted(0, 1);
  if (column) b.shape = b.shape.inserted(1, 1);
  Array result = product(a, b);
  if (row) result.shape = result.shape.without(-2);
  if (column) result.shape = result.shape.without(-1);
  return result;
}

Arrays pullback_with_vectors(Array a, Array b, Array weights) {
  const Shape of_a = a.shape, of_b = b.shape;
  if (of_a.rank() == 1) a.shape = of_a.inserted(0, 1);
  if (of_b.rank() == 1) b.shape = of_b.inserted(1, 1);
  if (of_b.rank() == 1) weights.shape = weights.shape.inserted(weights.shape.rank(), 1);
  if (of_a.rank() == 1) weights.shape = weights.shape.inserted(weights.shape.rank() - 1, 1);
  Arrays result = product_pullback(a, b, weights);
  result[0].shape = of_a, result[1].shape = of_b;
  return result;
}

using Sets = std::vector<std::vector<Shape>>;
Sets of_matrices() {
  return {{{2, 3}, {3, 4}}, {{5, 2, 3}, {5, 3, 4}}, {{8, 9}, {9, 10}},     {{1, 1}, {1, 1}},
          {{0, 3}, {3, 2}}, {{2, 0}, {0, 3}},       {{0, 2, 3}, {0, 3, 4}}};
}

Sets with_swapped_axes(bool left, bool right) {
  Sets sets = of_matrices();
  for (auto& set : sets) {
    if (left) set[0] = set[0].swapped(-2, -1);
    if (right) set[1] = set[1].swapped(-2, -1);
  }
  return sets;
}

// Sets with long inner axes, and with long outer ones, over which the gradients sum.
Sets long_sums(bool left, bool right) {
  Sets sets{{{2, 100000}, {100000, 2}}, {{100000, 2}, {2, 2}}, {{2, 2}, {2, 100000}}};
  for (auto& set : sets) {
    if (left) set[0] = set[0].swapped(-2, -1);
    if (right) set[1] = set[1].swapped(-2, -1);
  }
  return sets;
}

OpCase transposed_case(const std::string& name, bool left, bool right) {
  return {
      .name = name,
      .f = [=](const Tensors& x) { return matmul(left ? x[0].t() : x[0], right ? x[1].t() : x[1]); },
      .reference =
          [=](const Arrays& x) { return product(left ? transposed(x[0]) : x[0], right ? transposed(x[1]) : x[1]); },
      .shapes = with_swapped_axes(left, right),
      .extremes = {homogeneous_in_each({1, 1}), everywhere(as_reference()), folds(long_sums(left, right)), takes_all()},
      .pullback =
          [=](const Arrays& x, const Array& weights) {
            Arrays result = product_pullback(left ? transposed(x[0]) : x[0], right ? transposed(x[1]) : x[1], weights);
            if (left) result[0] = transposed(result[0]);
            if (right) result[1] = transposed(result[1]);
            return result;
          },
      .operation = "matmul"};
}

OpCase vector_case() {
  OpCase row{
      .name = "matmul_of_vectors",
      .f = [](const Tensors& x) { return matmul(x[0], x[1]); },
      .reference = [](const Arrays& x) { return product_with_vectors(x[0], x[1]); },
      .shapes = {{{3}, {3}}, {{3}, {3, 2}}, {{2, 3}, {3}}, {{5, 2, 3}, {3}}, {{3}, {5, 3, 2}}, {{0}, {0}}, {{1}, {1}}},
      .extremes = {homogeneous_in_each({1, 1}), everywhere(as_reference()),
                   folds({{{100000}, {100000}}, {{2, 100000}, {100000}}, {{100000}, {100000, 2}}, {{100000, 2}, {2}}}),
                   takes_all()},
      .pullback = [](const Arrays& x, const Array& w) { return pullback_with_vectors(x[0], x[1], w); }};
  row.batched = false;  // a batch of vectors is a matrix
  row.operation = "matmul";
  row.misuses = {{[] { matmul(ones({}), ones({3})); }, "matmul: needs at least one axis each, got [] and [3]"}};
  return row;
}

OpCase broadcast_case() {
  OpCase row = transposed_case("matmul_broadcast", false, false);
  row.shapes = {{{2, 3}, {5, 3, 4}}, {{5, 2, 3}, {3, 4}}, {{2, 1, 2, 3}, {3, 3, 2}}, {{1, 2, 3}, {4, 3, 2}}};
  row.misuses = {{[] { matmul(ones({2, 3, 4}), ones({5, 4, 3})); }, "matmul: shapes do not broadcast: [2] and [5]"}};
  return row;
}

Arrays outer_pullback(const Arrays& x, const Array& weights) {
  Arrays result{filled(x[0].shape, 0.0), filled(x[1].shape, 0.0)};
  for (std::int64_t o = 0; o < weights.shape.numel(); ++o) {
    const Index index = index_of(o, weights.shape), left(index.begin(), index.end() - 1);
    Index right = left;
    right.back() = index.back();
    result[0].entry(left) += weights.at(index) * x[1].at(right);
    result[1].entry(right) += weights.at(index) * x[0].at(left);
  }
  return result;
}

OpCase outer_case() {
  return {.name = "outer",
          .f = [](const Tensors& x) { return outer(x[0], x[1]); },
          .reference =
              [](const Arrays& x) {
                return Array(x[0].shape.inserted(-1, x[1].shape[-1]), [&](const Index& i) {
                  Index left(i.begin(), i.end() - 1), right = left;
                  right.back() = i.back();
                  return x[0].at(left) * x[1].at(right);
                });
              },
          .shapes = {{{3}, {4}}, {{2, 3}, {2, 4}}, {{1}, {1}}, {{0}, {3}}},
          .extremes = {homogeneous_in_each({1, 1}), everywhere(as_reference()),
                       folds({{{100000}, {2}}, {{2}, {100000}}}), takes_all()},
          .pullback = outer_pullback,
          .misuses = {{[] { outer(ones({}), ones({3})); }, "outer: needs at least one axis each, got [] and [3]"}}};
}

}  // namespace

std::vector<OpCase> matmul_cases() {
  OpCase matmul_row = transposed_case("matmul", false, false);
  matmul_row.misuses = {{[] {
                           matmul(ones({64, 32}), ones({64, 64}));
                         },
                         "matmul: inner sizes differ: [64, 32] x [64, 64] (32 != 64)"}};
  return {matmul_row,       transposed_case("matmul_left_transposed", true, false),
          broadcast_case(), transposed_case("matmul_right_transposed", false, true),
          vector_case(),    transposed_case("matmul_both_transposed", true, true),
          outer_case()};
}

}  // namespace sigmagrad::testing
