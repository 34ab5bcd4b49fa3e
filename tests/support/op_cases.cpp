// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/support/op_cases.hpp>

#include <limits>

#include <sigmagrad/autograd/tensor/creation.hpp>

namespace sigmagrad::testing {
namespace {

Tensor make_input(const Shape& shape, const Entries& entries, std::uint64_t variant, std::uint64_t input) {
  Generator generator(1, variant, input);
  if (entries.whole)
    return randint(static_cast<std::int64_t>(entries.low), static_cast<std::int64_t>(entries.high), shape, generator);
  const double n = static_cast<double>(shape.numel());
  const double offset = 0.37 + 0.11 * static_cast<double>(input);  // two inputs do not tie either
  const Tensor order = randperm(shape.numel(), generator);
  std::vector<double> values;
  for (const double p : order.data<double>())
    values.push_back(entries.low + (entries.high - entries.low) * (p + offset) / n);
  return tensor(values, shape);
}

}  // namespace

Tensors make_inputs(const OpCase& row, const std::vector<Shape>& shapes, std::uint64_t variant) {
  Tensors inputs;
  for (std::size_t i = 0; i < shapes.size(); ++i)
    inputs.push_back(make_input(shapes[i], i < row.entries.size() ? row.entries[i] : Entries{}, variant, i));
  return inputs;
}

std::vector<OpCase> all_cases() {
  std::vector<OpCase> all;
  for (const auto family : {elementwise_cases,  function_cases,          activation_cases,  comparison_cases,
                            reduction_cases,    sorting_cases,           shape_cases,       arranging_cases,
                            indexing_cases,     index_writing_cases,     matmul_cases,      product_cases,
                            linalg_cases,       induced_norm_cases,      error_cases,       factorization_cases,
                            solving_cases,      spectral_function_cases, loss_cases,        likelihood_cases,
                            term_loss_cases,    penalty_cases,           convolution_cases, pooling_cases,
                            normalization_cases})
    for (auto& row : family()) all.push_back(std::move(row));
  return all;
}

namespace {

// Zeros, ones, where sigmoids saturate, and the ends of both dtypes, where the products of two overflow and underflow.
std::vector<double> extreme_points() {
  constexpr auto narrow = std::numeric_limits<float>();
  constexpr auto wide = std::numeric_limits<double>();
  std::vector<double> points{0.0, -0.0, wide.infinity(), -wide.infinity(), wide.quiet_NaN()};
  for (const double size : {1.0, 1.5, 20.0, 0x1p60, 0x1p-60, 0x1p498, 0x1p-498, static_cast<double>(narrow.max()),
                            static_cast<double>(narrow.min()), wide.max(), wide.min()})
    points.insert(points.end(), {size, -size});
  return points;
}

}  // namespace

OpCase choosing(OpCase row, Choice choice) {
  row.extremes.choice = std::move(choice);
  return row;
}

OpCase entrywise(const std::string& name, Unary f, double (*reference)(double), Derivative derivative, Scaling scaling,
                 Entries entries) {
  return {.name = name,
          .f = [f](const Tensors& x) { return f(x[0]); },
          .reference =
              [reference](const Arrays& x) {
                return Array(x[0].shape, [&](const Index& i) { return reference(x[0].at(i)); });
              },
          .shapes = {{{3, 4}}, {{2, 3, 2}}, {{}}, {{1}}, {{0}}, {{2, 0}}},
          .entries = {entries},
          .extremes = {std::move(scaling), everywhere(as_reference()), folds_nothing(), takes_all()},
          .pullback = pullback_of(derivative),
          .points = extreme_points()};
}

OpCase entrywise(const std::string& name, Binary f, double (*reference)(double, double), Derivatives2 derivatives,
                 Scaling scaling, Entries second) {
  return {.name = name,
          .f = [f](const Tensors& x) { return f(x[0], x[1]); },
          .reference =
              [reference](const Arrays& x) {
                return Array(engine::broadcast_shapes("reference", x[0].shape, x[1].shape), [&](const Index& i) {
                  return reference(x[0].at(broadcast_index(i, x[0].shape)), x[1].at(broadcast_index(i, x[1].shape)));
                });
              },
          .shapes = {{{3, 4}, {3, 4}},
                     {{3, 4}, {4}},
                     {{4}, {3, 4}},
                     {{3, 4}, {3, 1}},
                     {{3, 1}, {1, 4}},
                     {{2, 1, 3}, {4, 1}},
                     {{2, 3}, {}},
                     {{}, {2, 3}},
                     {{}, {}},
                     {{1}, {1}},
                     {{1}, {5}},
                     {{2, 0}, {2, 0}},
                     {{2, 0}, {1}},
                     {{0}, {3, 1}}},
          .entries = {{}, second},
          .extremes = {std::move(scaling), everywhere(as_reference()), folds_nothing(), takes_all()},
          .pullback = pullback_of(derivatives),
          .points = extreme_points(),
          .misuses = {{[f] {
                         f(ones({2, 3}), ones({2, 4}));
                       },
                       name + ": shapes do not broadcast: [2, 3] and [2, 4]"}}};
}

OpCase moving(const std::string& name, const std::function<Tensor(const Tensor&)>& f,
              const std::function<Shape(const Shape&)>& shape, const std::function<Index(Index)>& from,
              const Sets& shapes, const std::vector<Misuse>& misuses, const Choice& choice) {
  return {
      .name = name,
      .f = [f](const Tensors& x) { return f(x[0]); },
      .reference =
          [=](const Arrays& x) { return Array(shape(x[0].shape), [&](const Index& i) { return x[0].at(from(i)); }); },
      .shapes = shapes,
      .extremes = {homogeneous(1), linear_edges(), folds_nothing(), choice},
      .misuses = misuses};
}

Choice left_out() {
  constexpr auto wide = std::numeric_limits<double>();
  return chooses({wide.infinity(), -wide.infinity(), wide.quiet_NaN()});
}

std::vector<OpCase> of_given_sizes(std::vector<OpCase> rows) {
  for (auto& row : rows) row.extremes.edges.single = meaningless("the row names sizes or positions beyond one entry");
  return rows;
}

}  // namespace sigmagrad::testing
