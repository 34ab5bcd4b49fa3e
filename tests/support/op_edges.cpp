// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/op_evaluation.hpp>

// The questions about scale, extreme inputs and long axes.
namespace sigmagrad::testing {
namespace {

struct Step {
  Dtype dtype;
  int exponent;  // inputs are multiplied by 2^exponent, which is exact
};
constexpr Step steps[] = {{f64, 498}, {f64, -498}, {f32, 60}, {f32, -60}};
// For results that scale as their inputs or not at all: squares of such inputs leave the range.
constexpr Step far_steps[] = {{f64, 700}, {f64, -700}, {f32, 90}, {f32, -90}};

bool begins(const std::string& message, const std::string& beginning) {
  return message.compare(0, beginning.size(), beginning) == 0;
}

Array times_power_of_two(Array x, double exponent, Dtype dtype) {
  const int whole = static_cast<int>(exponent);
  for (double& value : x.values) {
    value = exponent == whole ? std::ldexp(value, whole) : value * std::exp2(exponent);
    if (dtype == f32) value = static_cast<float>(value);  // overflows and underflows as f32 does
  }
  return x;
}

Tensors scaled(Tensors inputs, const std::vector<std::size_t>& which, int exponent) {
  for (const auto i : which) inputs[i] = inputs[i] * std::ldexp(1.0, exponent);
  return inputs;
}

void expect_law(const OpCase& row, const Tensors& inputs, const Scaling::Law& law, const Step& step) {
  const auto all = moving_inputs(row, inputs);
  const auto which = law.inputs.empty() ? all : law.inputs;
  const auto at_one = evaluate(row, inputs, which),
             at_scale = evaluate(row, scaled(inputs, which, step.exponent), which);
  const auto expect = [&](const std::string& what, const Array& actual, const Array& before, double degree) {
    const auto expected = times_power_of_two(before, degree * step.exponent, step.dtype);
    const double unit = std::exp2(degree * step.exponent);
    // A derivative near or beyond the end of the range may meet infinities on its way.
    if (what != "value" && unit > (step.dtype == f64 ? 0x1p990 : 0x1p110)) return;
    const double amplified = what == "second gradient" ? 50.0 : 1.0;  // rounding, by gaps of singular values
    expect_equal(actual, expected, {amplified * tolerance(step.dtype), step.dtype, std::isinf(unit) ? 0.0 : unit},
                 what + " at 2^" + std::to_string(step.exponent) + ", degree " + std::to_string(degree) + ", of " +
                     describe(row, inputs));
  };
  expect("value", at_scale.value, at_one.value, law.degree);
  for (std::size_t k = 0; k < at_one.first.size(); ++k) {
    const double own = std::count(which.begin(), which.end(), all[k]) > 0 ? 1.0 : 0.0;
    expect("gradient", at_scale.first[k], at_one.first[k], law.degree - own);
    if (!at_one.second.empty()) expect("second gradient", at_scale.second[k], at_one.second[k], law.degree - 1.0 - own);
  }
}

// Value and gradient in plain code at inputs for which there is no law.
void expect_reference(const OpCase& row, const Tensors& inputs, const std::string& at) {
  const Dtype dtype = inputs[0].dtype();
  const Arrays arrays(inputs.begin(), inputs.end());
  const auto actual = evaluate(row, inputs);
  const Array expected = rounded(row.reference(arrays), dtype);
  const std::string context = at + ", of " + describe(row, inputs);
  expect_equal(actual.value, expected, {tolerance(dtype), dtype}, "value at " + context);
  if (!row.differentiable) return;
  if (row.pullback) {
    const auto slopes = row.pullback(arrays, weights(expected.shape));
    for (std::size_t k = 0; k < actual.first.size(); ++k)
      expect_equal(actual.first[k], rounded(slopes[moving_inputs(row, inputs)[k]], dtype), {tolerance(dtype), dtype},
                   "gradient at " + context);
  } else if (!any_nan(expected)) {
    for (const auto& gradient : actual.first) EXPECT_FALSE(any_nan(gradient)) << "gradient at " << context;
  }
}

Array ordinary_gradient(const OpCase& row, const std::vector<Shape>& shapes, Dtype dtype, std::size_t k) {
  return evaluate(row, ordinary_inputs(row, shapes, dtype)).first[k];
}

void expect_slope(const OpCase& row, const Outcome& outcome, const std::vector<Shape>& shapes, const Tensors& inputs,
                  const std::string& context) {
  const Dtype dtype = inputs[0].dtype();
  if (outcome.slope.kind == Slope::Refused) {
    const std::string message = error_of([&] { evaluate(row, inputs); });
    EXPECT_TRUE(begins(message, outcome.slope.message)) << message << ": gradient at " << context;
    return;
  }
  const auto actual = evaluate(row, inputs);
  Arrays expected;
  if (outcome.slope.kind == Slope::Plain) {
    ASSERT_TRUE(row.pullback) << row.name << " names no gradient at " << context;
    expected = row.pullback(Arrays(inputs.begin(), inputs.end()), weights(actual.value.shape));
  }
  bool nan = false;
  for (std::size_t k = 0; k < actual.first.size(); ++k) {
    const Array& gradient = actual.first[k];
    const auto expect = [&](const Array& right) {
      expect_equal(gradient, rounded(right, dtype), {tolerance(dtype), dtype}, "gradient at " + context);
    };
    if (outcome.slope.kind == Slope::Plain) expect(expected[moving_inputs(row, inputs)[k]]);
    if (outcome.slope.kind == Slope::Unchanged) expect(ordinary_gradient(row, shapes, dtype, k));
    if (outcome.slope.kind == Slope::Number) expect(filled(gradient.shape, outcome.slope.number));
    if (outcome.slope.kind == Slope::Finite) {
      EXPECT_TRUE(all_finite(gradient)) << "gradient at " << context << ": " << text_of(gradient);
    }
    nan = nan || any_nan(gradient);
  }
  EXPECT_TRUE(nan || outcome.slope.kind != Slope::Undefined) << "gradient is not NaN at " << context;
}

void expect_outcome(const OpCase& row, const Outcome& outcome, const std::vector<Shape>& shapes, const Tensors& inputs,
                    const std::string& at) {
  const std::string context = at + ", " + name_of(inputs[0].dtype()) + ", of " + describe(row, inputs);
  const Dtype dtype = inputs[0].dtype();
  if (outcome.kind == Outcome::Kind::Meaningless) return;
  if (outcome.kind == Outcome::Kind::Refused) {
    EXPECT_EQ(error_of([&] { extreme_f(row)(inputs); }), outcome.text) << context;
    return;
  }
  if (outcome.kind == Outcome::Kind::RefusedSo) {
    EXPECT_TRUE(begins(error_of([&] { extreme_f(row)(inputs); }), outcome.text)) << outcome.text << ": " << context;
    return;
  }
  const Array actual(extreme_f(row)(inputs));
  const Array expected = outcome.kind == Outcome::Kind::Number ? filled(actual.shape, outcome.value)
                                                               : row.reference(Arrays(inputs.begin(), inputs.end()));
  expect_equal(actual, rounded(expected, dtype), {tolerance(dtype), dtype}, "value at " + context);
  if (row.differentiable) expect_slope(row, outcome, shapes, inputs, context);
}

void expect_one_entry(const OpCase& row, const Outcome& outcome, const std::vector<Shape>& shapes, const Tensors& usual,
                      double extreme) {
  for (const auto i : moving_inputs(row, usual)) {
    Tensors inputs = usual;
    inputs[i] = with_entry(usual[i], usual[i].numel() / 2, extreme);
    expect_outcome(row, outcome, shapes, inputs,
                   "one entry " + std::to_string(extreme) + " in input " + std::to_string(i));
  }
}

// Sizes of 1; whole-number inputs are the least that they can be.
void expect_single(const OpCase& row, std::vector<Shape> shapes, Dtype dtype) {
  for (auto& shape : shapes)
    for (int axis = 0; axis < shape.rank(); ++axis) shape = shape.with(axis, 1);
  OpCase plain_row = row;  // sees the inputs that `prepare` takes
  plain_row.bare = nullptr, plain_row.prepare = nullptr;
  Tensors inputs = ordinary_inputs(plain_row, shapes, dtype);
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (i < row.entries.size() && row.entries[i].whole) inputs[i] = full(shapes[i], row.entries[i].low, dtype);
  expect_outcome(plain_row, row.extremes.edges.single, shapes, inputs, "sizes of 1");
}

// Functions of each entry at all combinations of the row's points.
void expect_points(const OpCase& row, Dtype dtype) {
  const std::size_t arity = row.shapes.front().size(), count = row.points.size();
  std::size_t total = 1;
  for (std::size_t i = 0; i < arity; ++i) total *= count;
  Tensors inputs;
  for (std::size_t i = 0, period = 1; i < arity; ++i, period *= count) {
    std::vector<double> values;
    for (std::size_t k = 0; k < total; ++k) values.push_back(row.points[k / period % count]);
    inputs.push_back(tensor(values).to(dtype));
  }
  for (std::size_t k = 0; k < total; ++k) {  // one by one: each is measured by its own size
    Tensors at;
    std::ostringstream text;
    for (const auto& input : inputs) at.push_back(input.narrow(0, static_cast<std::int64_t>(k), 1));
    for (const auto& input : at) text << ' ' << input.item();
    expect_reference(row, at, "the point" + text.str());
  }
}

}  // namespace

void check_scaling(const OpCase& row) {
  const Scaling& scaling = row.extremes.scaling;
  if (scaling.kind == Scaling::Kind::Meaningless) {
    EXPECT_FALSE(scaling.large.empty()) << row.name << " gives no reason";
    return;
  }
  OpCase once = row;
  once.twice = false;  // second derivatives leave the range at those
  for (const auto& shapes : shapes_with_entries(row)) {
    for (const auto& law : scaling.laws)
      if (law.degree == 0.0 || law.degree == 1.0)
        for (const auto& step : far_steps) expect_law(once, ordinary_inputs(row, shapes, step.dtype), law, step);
    for (const auto& step : steps) {
      const Tensors inputs = ordinary_inputs(row, shapes, step.dtype);
      for (const auto& law : scaling.laws) expect_law(row, inputs, law, step);
      if (scaling.kind == Scaling::Kind::Laws) continue;
      const Tensors at = scaled(inputs, moving_inputs(row, inputs), step.exponent);
      if (scaling.kind == Scaling::Kind::SmallReference && step.exponent > 0) continue;
      const std::string message = scaling.kind != Scaling::Kind::Refused ? ""
                                  : step.exponent > 0                    ? scaling.large
                                                                         : scaling.small;
      if (message.empty())
        expect_reference(row, at, "2^" + std::to_string(step.exponent));
      else
        EXPECT_EQ(error_of([&] { extreme_f(row)(at); }), message) << describe(row, at);
    }
  }
}

void check_edges(const OpCase& row) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const Edges& edges = row.extremes.edges;
  for (const Dtype dtype : {f64, f32}) {
    if (!row.points.empty()) expect_points(row, dtype);
    for (const auto& shapes : shapes_with_entries(row)) {
      const Tensors usual = ordinary_inputs(row, shapes, dtype);
      const auto constant = [&](double value) {
        Tensors inputs = usual;
        for (const auto i : moving_inputs(row, usual)) inputs[i] = full(usual[i].shape(), value, dtype);
        return inputs;
      };
      expect_outcome(row, edges.zeros, shapes, constant(0.0), "zeros");
      if (usual[0].numel() > 1) expect_outcome(row, edges.equal, shapes, constant(1.5), "equal entries");
      expect_single(row, shapes, dtype);
      expect_one_entry(row, edges.plus_inf, shapes, usual, infinity);
      expect_one_entry(row, edges.minus_inf, shapes, usual, -infinity);
      expect_one_entry(row, edges.nan, shapes, usual, std::numeric_limits<double>::quiet_NaN());
    }
  }
}

void check_long_axis(const OpCase& row) {
  if (row.extremes.long_axis.factor == 0.0) {
    for (const auto& shapes : shapes_with_entries(row))
      for (const auto& input : influence(row, ordinary_inputs(row, shapes, f64)))
        for (const auto count : input.entries_of_each_output())
          ASSERT_LE(count, 1) << row.name << " folds entries, but declares no long axis";
    return;
  }
  ASSERT_FALSE(row.extremes.long_axis.shapes.empty()) << row.name;
  for (const auto& shapes : row.extremes.long_axis.shapes) {
    Tensors narrow, wide;  // the same numbers, positive ones where they are not whole: sums do not cancel
    std::int64_t longest = 2;
    for (const auto& input : make_inputs(row, shapes)) {
      narrow.push_back(abs(input).to(f32));
      wide.push_back(narrow.back().to(f64));
      for (int axis = 0; axis < input.dim(); ++axis) longest = std::max(longest, input.size(axis));
    }
    const double allowed =
        row.extremes.long_axis.factor * std::numeric_limits<float>::epsilon() * std::log2(static_cast<double>(longest));
    OpCase whole = row;
    whole.bare = nullptr, whole.twice = false;
    const auto actual = evaluate(whole, narrow), expected = evaluate(whole, wide);
    const std::string context = row.name + " of " + shapes.front().str();
    expect_equal(actual.value, expected.value, {allowed, f32}, "value: " + context);
    for (std::size_t k = 0; k < actual.first.size(); ++k)
      expect_equal(actual.first[k], expected.first[k], {allowed, f32}, "gradient: " + context);
  }
}

}  // namespace sigmagrad::testing
