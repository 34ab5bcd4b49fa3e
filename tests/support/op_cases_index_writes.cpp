// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <array>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/indexing.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/op_cases.hpp>

// Operations that write where indices say.
namespace sigmagrad::testing {
namespace {

using Positions = std::vector<std::int64_t>;

const Positions& chosen() {
  static const Positions positions{2, 0, 2, 1};
  return positions;
}

Positions positions_of(const Array& indices) { return Positions(indices.values.begin(), indices.values.end()); }

// x after `write(entry, value)` of every entry of the slices, in their order.
Array written(Array x, int axis, const Positions& indices, const Array& slices, void (*write)(double&, double)) {
  for (std::int64_t e = 0; e < slices.shape.numel(); ++e) {
    Index at = index_of(e, slices.shape);
    const double value = slices.at(at);
    auto& position = at[static_cast<std::size_t>(testing::position(axis, at))];
    position = indices[static_cast<std::size_t>(position)];
    write(x.entry(at), value);
  }
  return x;
}

void add(double& entry, double value) { entry += value; }
void put(double& entry, double value) { entry = value; }

// A row of writes along the axis before the last at the positions above: of x and slices.
OpCase by_list(const std::string& name, const std::string& operation, Tensor (*f)(const Tensor&, const Tensor&),
               void (*write)(double&, double), const LongAxis& long_axis, const Choice& choice) {
  OpCase row{.name = name,
             .f = [f](const Tensors& x) { return f(x[0], x[1]); },
             .reference = [write](const Arrays& x) { return written(x[0], -2, chosen(), x[1], write); },
             .shapes = {{{3, 4}, {4, 4}}, {{2, 5, 2}, {2, 4, 2}}, {{3, 1}, {4, 1}}, {{3, 0}, {4, 0}}},
             .extremes = {homogeneous(1), linear_edges(), long_axis, choice},
             .operation = operation};
  row.extremes.edges.single = refuses(operation + ": index 2 is out of range for an axis of 1");
  return row;
}

// Likewise at positions that are an input, along the first axis.
OpCase by_tensor(const std::string& name, const std::string& operation,
                 Tensor (*f)(const Tensor&, const Tensor&, const Tensor&), void (*write)(double&, double),
                 const LongAxis& long_axis, const Choice& choice) {
  OpCase row{.name = name,
             .f = [f](const Tensors& x) { return f(x[0], x[1], x[2]); },
             .reference = [write](const Arrays& x) { return written(x[0], 0, positions_of(x[1]), x[2], write); },
             .shapes = {{{3, 2}, {5}, {5, 2}}, {{3}, {4}, {4}}, {{3, 2}, {0}, {0, 2}}},
             .entries = {{}, {0.0, 3.0, true}},
             .extremes = {homogeneous(1), linear_edges(), long_axis, choice},
             .operation = operation,
             .mixes_dtypes = true};
  row.batched = false;  // indices have one axis
  row.misuses = {
      {[f] { f(ones({2}), full({1}, 0.5), ones({1})); }, operation + ": indices must be whole numbers, got 0.5"},
      {[f] { f(ones({2}), full({1}, 2.0), ones({1})); }, operation + ": index 2 is out of range for an axis of 2"},
      {[f] {
         f(ones({2}), zeros({1, 1}), ones({1}));
       },
       operation + ": indices must be [k] or one number, got [1, 1]"},
      {[f] { f(ones({2}), zeros({1}), ones({1}, f32)); },
       operation + ": dtypes differ: f64 and f32 (convert one with to())"}};
  return row;
}

Tensor put_in_place(const Tensor& x, const Tensor& values) {
  Tensor result = x.clone();
  return index_put_(result, -2, chosen(), values);
}
Tensor put_in_place_at(const Tensor& x, const Tensor& indices, const Tensor& values) {
  Tensor result = x.clone();
  return index_put_(result, 0, indices, values);
}

// Entries of a matrix that are added where a matrix of indices says.
OpCase scatter_add_case() {
  OpCase row{.name = "scatter_add",
             .f = [](const Tensors& x) { return scatter_add(x[0], -1, x[1], x[2]); },
             .shapes = {{{2, 4}, {2, 6}, {2, 6}},
                        {{4}, {3}, {3}},
                        {{2, 1, 4}, {2, 1, 2}, {2, 1, 2}},
                        {{2, 4}, {2, 0}, {2, 0}}},
             .entries = {{}, {0.0, 4.0, true}},
             .extremes = {homogeneous(1), linear_edges(), folds({{{4}, {100000}, {100000}}}), takes_all()},
             .mixes_dtypes = true};
  row.reference = [](const Arrays& x) {
    Array result = x[0];
    for (std::int64_t e = 0; e < x[1].shape.numel(); ++e) {
      Index at = index_of(e, x[1].shape);
      const double value = x[2].at(at);
      at.back() = static_cast<std::int64_t>(x[1].at(at));
      result.entry(at) += value;
    }
    return result;
  };
  const auto call = [](const Shape& x, const Shape& indices, const Shape& source, double index = 0.0,
                       Dtype dtype = f64) {
    return [=] { scatter_add(ones(x), -1, full(indices, index), ones(source, dtype)); };
  };
  row.misuses = {
      {call({2, 3}, {3, 1}, {3, 1}), "scatter_add: shapes differ off axis 1: [2, 3] and [3, 1]"},
      {call({2, 3}, {2, 1}, {2, 2}), "scatter_add: indices are [2, 1] and source is [2, 2], expected one shape"},
      {call({2}, {1}, {1}, 0.5), "scatter_add: indices must be whole numbers, got 0.5"},
      {call({2}, {1}, {1}, 2.0), "scatter_add: index 2 is out of range for an axis of 2"},
      {call({2}, {1}, {1}, 0.0, f32), "scatter_add: dtypes differ: f64 and f32 (convert one with to())"}};
  return row;
}

}  // namespace

std::vector<OpCase> index_writing_cases() {
  using X = const Tensor&;
  const LongAxis one_entry = folds_nothing();
  const LongAxis sums = folds({{{3, 2}, {100000}, {100000, 2}}});
  OpCase adding = by_list(
      "index_add", "index_add", [](X x, X source) { return index_add(x, -2, chosen(), source); }, add,
      folds({{{3, 2}, {4, 2}}}), takes_all());
  adding.misuses = {{[] {
                       index_add(ones({3, 2}), 0, chosen(), ones({4, 1}));
                     },
                     "index_add: source is [4, 1], expected [4, 2] of 4 indices into axis 0 of [3, 2]"}};
  OpCase putting = by_list(
      "index_put", "index_put", [](X x, X values) { return index_put(x, -2, chosen(), values); }, put, one_entry,
      left_out());
  putting.misuses = {{[] {
                        index_put(ones({3, 2}), 0, chosen(), ones({3, 2}));
                      },
                      "index_put: shapes do not broadcast: [4, 2] and [3, 2]"},
                     {[] {
                        index_put(ones({3, 2}), 0, chosen(), ones({5, 4, 2}));
                      },
                      "index_put: values [5, 4, 2] do not broadcast to the slices [4, 2]"}};
  return {
      adding,
      by_tensor(
          "index_add_by_tensor", "index_add", [](X x, X i, X source) { return index_add(x, 0, i, source); }, add, sums,
          takes_all()),
      scatter_add_case(),
      putting,
      by_tensor(
          "index_put_by_tensor", "index_put", [](X x, X i, X values) { return index_put(x, 0, i, values); }, put,
          one_entry, left_out()),
      by_list("index_put_in_place", "index_put_", put_in_place, put, one_entry, left_out()),
      by_tensor("index_put_in_place_by_tensor", "index_put_", put_in_place_at, put, one_entry, left_out()),
  };
}

}  // namespace sigmagrad::testing
