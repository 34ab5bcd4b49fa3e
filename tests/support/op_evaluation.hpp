// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sstream>

#include <sigmagrad/tests/support/expect.hpp>
#include <sigmagrad/tests/support/op_cases.hpp>

// What the questions about extreme inputs have in common: rows called, differentiated and compared.
namespace sigmagrad::testing {

std::string describe(const OpCase& row, const Tensors& inputs);

/// The inputs that are scaled and replaced: those that may be differentiated; all if nothing may be.
std::vector<std::size_t> moving_inputs(const OpCase& row, const Tensors& inputs);
/// f, or the part of it that sees the inputs as they are.
const std::function<Tensor(const Tensors&)>& extreme_f(const OpCase& row);
/// The row's own inputs, prepared for `extreme_f`.
Tensors ordinary_inputs(const OpCase& row, const std::vector<Shape>& shapes, Dtype dtype);
/// The row's sets of shapes in which every tensor has entries.
std::vector<std::vector<Shape>> shapes_with_entries(const OpCase& row);
Tensor with_entry(const Tensor& x, std::int64_t i, double value);

/// Fixed numbers between 1 and 2.
Array weights(const Shape& shape);
/// The value; the gradients of its weighted sum with respect to the moving inputs, and those of the weighted sum of the
/// gradients with respect to `which` (all moving inputs if empty), if the row has second gradients.
struct Evaluation {
  Array value;
  Arrays first, second;
};
Evaluation evaluate(const OpCase& row, const Tensors& inputs, std::vector<std::size_t> which = {});

/// Which entries of one input move which entries of the result, found by small steps.
struct Influence {
  std::size_t input;
  std::vector<std::vector<bool>> moves;  // [entry][output]
  std::vector<int> entries_of_each_output() const;
  bool any(std::size_t entry) const;
};
std::vector<Influence> influence(const OpCase& row, const Tensors& inputs);

Array rounded(Array x, Dtype dtype);
bool any_nan(const Array& x);
bool all_finite(const Array& x);
std::string text_of(const Array& x);
double tolerance(Dtype dtype);

/// What two results may differ by.
struct Allowed {
  double tolerance;
  Dtype dtype;
  double size = 0.0;
};
/// Fails unless all entries agree: NaN with NaN, infinities with themselves, numbers up to `tolerance` times `size` or
/// the largest finite entry expected. Results in the subnormal range may be off by a few hundred of its units.
void expect_equal(const Array& actual, const Array& expected, const Allowed& allowed, const std::string& context);

}  // namespace sigmagrad::testing
