// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <complex>

#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/linalg/decompositions.hpp>
#include <sigmagrad/linalg/duality.hpp>
#include <sigmagrad/linalg/solve.hpp>
#include <sigmagrad/tests/support/matrices.hpp>

// How far off a solution or an eigenvalue may be, and the inner product of matrices.
namespace sigmagrad::testing {
namespace {

OpCase inner_product_row() {
  OpCase row = product_row(
      "inner_product", "ij,ij->", [](const Tensors& x) { return linalg::inner_product(x[0], x[1]); },
      {{{2, 3}, {2, 3}}, {{1, 1}, {1, 1}}, {{2, 3, 2}, {2, 3, 2}}, {{0, 2, 2}, {0, 2, 2}}, {{2, 0}, {2, 0}}},
      folds({{{300, 300}, {300, 300}}, {{1, 100000}, {1, 100000}}}), takes_all());
  row.misuses = {{[] { linalg::inner_product(ones({3}), ones({3})); }, "inner_product: needs a matrix, got [3]"},
                 {[] {
                    linalg::inner_product(ones({2, 3}), ones({3, 2}));
                  },
                  "inner_product: sizes differ: [2, 3] and [3, 2]"},
                 {[] {
                    linalg::inner_product(ones({2, 2, 3}), ones({4, 2, 3}));
                  },
                  "inner_product: shapes do not broadcast: [2] and [4]"}};
  return row;
}

OpCase forward_error_row() {
  OpCase row{.name = "forward_error",
             .f = [](const Tensors& x) { return linalg::forward_error(x[0], x[1]); },
             .shapes = {{{4}, {4}}, {{1}, {1}}, {{2, 3}, {2, 3}}, {{0, 2}, {0, 2}}},
             .extremes = {homogeneous(0),
                          {gives(std::nan(""), finite), gives(0.0, finite), as_reference(finite),
                           as_reference(undefined), as_reference(undefined), as_reference(undefined)},
                          folds({{{100000}, {100000}}}),
                          takes_all()}};
  row.reference = [](const Arrays& x) {
    const Array difference(x[0].shape, [&](const Index& i) { return x[0].at(i) - x[1].at(i); });
    const Array above = fold(difference, -1, false, length), below = fold(x[1], -1, false, length);
    return Array(above.shape, [&](const Index& i) { return above.at(i) / below.at(i); });
  };
  row.misuses = {{[] { linalg::forward_error(ones({3}), ones({2})); },
                  "forward_error: needs vectors of one shape, got [3] and [2]"}};
  return row;
}

// Entry `column` of the errors of the systems in one matrix of a batch.
double backward_error(const Matrix& a, const Matrix& x, const Matrix& b, std::size_t column) {
  const Values solution = transposed(x)[column], right = transposed(b)[column];
  Values rest;
  for (std::size_t i = 0; i < a.size(); ++i) rest.push_back(right[i] - dot(a[i], solution));
  const double below = singular_values(a).front() * length(solution) + length(right);
  return below == 0.0 ? 0.0 : length(rest) / below;
}

OpCase backward_error_row() {
  OpCase row{.name = "backward_error",
             .f = [](const Tensors& x) { return linalg::backward_error(x[0], x[1], x[2]); },
             .shapes = {{{4, 4}, {4, 3}, {4, 3}},
                        {{5, 3}, {3, 2}, {5, 2}},
                        {{3, 5}, {5, 2}, {3, 2}},
                        {{2, 3, 3}, {2, 3, 2}, {2, 3, 2}},
                        {{1, 1}, {1, 1}, {1, 1}}},
             .extremes = {laws({{0.0, {1, 2}}, {0.0, {0, 2}}}),
                          finite_only("backward_error", gives(0.0, 0.0), as_reference(finite), as_reference(finite)),
                          folds({{{2, 2000}, {2000, 1}, {2, 1}}, {{2000, 2}, {2, 1}, {2000, 1}}}, 20.0), takes_all()}};
  row.reference = [](const Arrays& x) {
    const auto matrix = [&](std::size_t k, const Index& batch) {
      const Shape shape = x[k].shape;
      Matrix rows(static_cast<std::size_t>(shape[-2]));
      Index at = batch;
      at.insert(at.end(), {0, 0});
      for (auto& values : rows) {
        for (at.back() = 0; at.back() < shape[-1]; ++at.back()) values.push_back(x[k].at(at));
        ++at.end()[-2];
      }
      return rows;
    };
    return Array(x[1].shape.without(-2), [&](const Index& index) {
      const Index batch(index.begin(), index.end() - 1);
      return backward_error(matrix(0, batch), matrix(1, batch), matrix(2, batch),
                            static_cast<std::size_t>(index.back()));
    });
  };
  const auto call = [](const Shape& a, const Shape& x, const Shape& b) {
    return [=] { linalg::backward_error(ones(a), ones(x), ones(b)); };
  };
  row.misuses = {{call({3}, {3}, {3}), "backward_error: needs a matrix, got [3]"},
                 {call({3, 2}, {2, 1}, {2, 1}), "backward_error: sizes differ: [3, 2], [2, 1] and [2, 1]"}};
  return row;
}

// For two eigenvectors of length 1 it is the root of (1 + c) / (1 - c), c the size of their inner product.
double eigenvector_cond(const Matrix& w) {
  if (w.size() == 1 || w[0][1] == w[1][0]) return 1.0;
  const double half = (w[0][0] - w[1][1]) / 2.0;
  const std::complex<double> root = std::sqrt(std::complex<double>(half * half + w[0][1] * w[1][0]));
  const auto x = root - half, y = -root - half;  // eigenvectors (w01, x) and (w01, y)
  const double b = w[0][1] * w[0][1];
  const double c = std::abs(b + std::conj(x) * y) / std::sqrt((b + std::norm(x)) * (b + std::norm(y)));
  return std::sqrt((1.0 + c) / (1.0 - c));
}

OpCase eigenvector_cond_row() {
  OpCase row = square_row("eigenvector_cond", "eig", linalg::eigenvector_cond,
                          {homogeneous(0), finite_only("eig", gives(1.0, 0.0), as_reference(), as_reference()),
                           folds({{{16, 16}}}, 5000.0), takes_all()});
  row.shapes = {{{2, 2}}, {{1, 1}}, {{2, 2, 2}}, {{3, 1, 2, 2}}, {{0, 2, 2}}};
  row.differentiable = false;
  row.reference = [](const Arrays& x) {
    return each_matrix(x[0], 0, [](const Matrix& w) { return Values{eigenvector_cond(w)}; });
  };
  return row;
}

}  // namespace

std::vector<OpCase> error_cases() {
  return {inner_product_row(), forward_error_row(), backward_error_row(), eigenvector_cond_row()};
}

}  // namespace sigmagrad::testing
