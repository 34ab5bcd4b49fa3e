// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/graph/gradcheck.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/op_evaluation.hpp>
#include <sigmagrad/tests/support/op_history.hpp>

namespace sigmagrad::testing {
namespace {

bool near(double actual, double expected, double tolerance) {
  if (std::isnan(expected) || std::isinf(expected))
    return actual == expected || (std::isnan(actual) && std::isnan(expected));
  return std::abs(actual - expected) <= tolerance * (1.0 + std::abs(expected));
}

void expect_close(const OpCase& row, const Tensors& inputs, const Tensor& result, const Array& expected,
                  double tolerance) {
  ASSERT_EQ(result.shape(), expected.shape) << describe(row, inputs);
  const Array actual(result);
  for (std::size_t i = 0; i < actual.values.size(); ++i)
    ASSERT_TRUE(near(actual.values[i], expected.values[i], tolerance))
        << "entry " << Shape(index_of(static_cast<std::int64_t>(i), expected.shape)) << " is " << actual.values[i]
        << ", expected " << expected.values[i] << ": " << describe(row, inputs);
}

void check_value(const OpCase& row) {
  for (const auto& shapes : row.shapes) {
    const Tensors inputs = make_inputs(row, shapes);
    Arrays arrays;
    for (const auto& input : inputs) arrays.emplace_back(input);
    expect_close(row, inputs, row.f(inputs), row.reference(arrays), 1e-13);
  }
}

void check_single_precision(const OpCase& row) {
  for (const auto& shapes : row.shapes) {
    Tensors narrow, wide;  // the same numbers in both
    for (const auto& input : make_inputs(row, shapes)) {
      narrow.push_back(input.to(f32));
      wide.push_back(narrow.back().to(f64));
    }
    expect_close(row, narrow, row.f(narrow), Array(row.f(wide)), 1e-5);
  }
}

// f of the inputs that can be differentiated, the others fixed.
Differentiable with_fixed_rest(const OpCase& row, const Tensors& inputs, std::vector<std::size_t>& moving) {
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (i >= row.entries.size() || !row.entries[i].whole) moving.push_back(i);
  return [&row, inputs, moving](const Tensors& given) {
    Tensors all = inputs;
    for (std::size_t i = 0; i < moving.size(); ++i) all[moving[i]] = given[i];
    return row.f(all);
  };
}

template <class Check>
void check_derivative(const OpCase& row, const Check& check) {
  for (const auto& shapes : row.shapes) {
    const Tensors inputs = make_inputs(row, shapes);
    std::vector<std::size_t> moving;
    const auto f = with_fixed_rest(row, inputs, moving);
    Tensors leaves;
    for (const auto i : moving) leaves.push_back(inputs[i].clone().requires_grad_());
    ASSERT_EQ(f(leaves).requires_grad(), row.differentiable) << describe(row, inputs);
    try {
      if (row.differentiable) check(f, leaves);
    } catch (const Error& error) {
      FAIL() << error.what() << ": " << describe(row, inputs);
    }
  }
}

void check_gradients(const OpCase& row) {
  check_derivative(row, [](const auto& f, const auto& x) { check_gradient(f, x); });
}

void check_second_gradients(const OpCase& row) {
  check_derivative(row, [](const auto& f, const auto& x) { check_second_gradient(f, x); });
}

Tensor stacked(const Tensors& parts) {
  std::vector<double> values;
  for (const auto& part : parts) values.insert(values.end(), part.data<double>().begin(), part.data<double>().end());
  return tensor(values, parts.front().shape().inserted(0, std::ssize(parts)));
}

// The result, and where it is differentiable the gradients of the sum of its squares.
Tensors value_and_gradients(const OpCase& row, const Tensors& inputs) {
  if (!row.differentiable) return {row.f(inputs)};
  std::vector<std::size_t> moving;
  const auto f = with_fixed_rest(row, inputs, moving);
  Tensors leaves;
  for (const auto i : moving) leaves.push_back(inputs[i].clone().requires_grad_());
  Tensors results{f(leaves)};
  for (auto& gradient : grad(square(results[0]).sum(), leaves)) results.push_back(std::move(gradient));
  return results;
}

// Three inputs in one batch, in the order given, must give the bits of three calls.
void check_batch_in_order(const OpCase& row, const std::vector<Shape>& shapes,
                          const std::vector<std::uint64_t>& order) {
  Tensors batch;
  std::vector<Tensors> singles, parts(shapes.size());
  for (const auto variant : order) {
    const Tensors inputs = make_inputs(row, shapes, variant);
    singles.push_back(value_and_gradients(row, inputs));
    for (std::size_t i = 0; i < inputs.size(); ++i) parts[i].push_back(inputs[i]);
  }
  for (const auto& part : parts) batch.push_back(stacked(part));
  const Tensors together = value_and_gradients(row, batch);
  for (std::size_t r = 0; r < together.size(); ++r) {
    const auto bits = together[r].data<double>();
    for (std::size_t b = 0; b < order.size(); ++b) {
      const auto single = singles[b][r].data<double>();
      ASSERT_EQ(together[r].shape(), singles[b][r].shape().inserted(0, std::ssize(order))) << describe(row, batch);
      for (std::size_t i = 0; i < single.size(); ++i)
        ASSERT_EQ(std::memcmp(&single[i], &bits[b * single.size() + i], sizeof(double)), 0)
            << (r == 0 ? "value" : "gradient") << " of batch entry " << b << ", entry " << i << ": alone " << single[i]
            << ", in the batch " << bits[b * single.size() + i] << ": " << describe(row, batch);
    }
  }
}

void check_batch(const OpCase& row) {
  const auto of_one_rank = [](const std::vector<Shape>& shapes) {
    return std::all_of(shapes.begin(), shapes.end(),
                       [&](const Shape& shape) { return shape.rank() == shapes.front().rank(); });
  };
  for (const auto& shapes : row.shapes) {
    if (!of_one_rank(shapes)) continue;
    check_batch_in_order(row, shapes, {0, 1, 2});
    check_batch_in_order(row, shapes, {2, 0, 1});
    check_batch_in_order(row, shapes, {1});
  }
}

bool same_bits(const Tensor& a, const Tensor& b) {
  const auto x = a.data<double>(), y = b.data<double>();
  return a.shape() == b.shape() && (x.empty() || std::memcmp(x.data(), y.data(), x.size_bytes()) == 0);
}

// Replayed on new inputs, value and gradients must be those of eager calls, bit for bit.
void check_capture(const OpCase& row) {
  for (const auto& shapes : row.shapes) {
    Tensors inputs = make_inputs(row, shapes);
    auto step = capture([&] { return value_and_gradients(row, inputs); });
    for (std::uint64_t variant = 0; variant < 3; ++variant) {
      const Tensors given = make_inputs(row, shapes, variant);
      for (std::size_t i = 0; i < inputs.size(); ++i) inputs[i].copy_(given[i]);
      step();
      const Tensors expected = value_and_gradients(row, given);
      ASSERT_EQ(step.outputs().size(), expected.size());
      for (std::size_t r = 0; r < expected.size(); ++r)
        ASSERT_TRUE(same_bits(step.output(r), expected[r]))
            << (r == 0 ? "value" : "gradient") << " at call " << variant << ": " << step.output(r) << "\nexpected\n"
            << expected[r] << ": " << describe(row, given);
    }
  }
}

void check_errors(const OpCase& row) {
  for (const auto& misuse : row.misuses) EXPECT_EQ(error_of(misuse.call), misuse.message) << row.name;
  const Tensors inputs = make_inputs(row, row.shapes.front());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    Tensors given = inputs;
    given[i] = Tensor();
    EXPECT_EQ(error_of([&] { row.f(given); }), "tensor: undefined (default-constructed, or a gradient that is absent)")
        << row.name << ", input " << i;
    if (i == 0 || row.mixes_dtypes) continue;
    given[i] = inputs[i].to(f32);
    EXPECT_EQ(error_of([&] { row.f(given); }), (row.operation.empty() ? row.name : row.operation) +
                                                   ": dtypes differ: f64 and f32 (convert one with to())")
        << row.name << ", input " << i;
  }
}

class OpTest : public ::testing::Test {
 public:
  OpTest(const OpCase& row, void (*check)(const OpCase&)) : row_(row), check_(check) {}
  void TestBody() override { check_(row_); }

 private:
  OpCase row_;
  void (*check_)(const OpCase&);
};

}  // namespace

int register_op_tests(const std::vector<OpCase>& rows) {
  int count = 0;
  const auto add = [&](const char* suite, const OpCase& row, void (*check)(const OpCase&)) {
    ++count;
    ::testing::RegisterTest(suite, row.name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                            [=]() -> OpTest* { return new OpTest(row, check); });
  };
  for (const auto& row : rows) {
    if (row.reference) add("OpValue", row, check_value);
    add("OpSinglePrecision", row, check_single_precision);
    add("OpGradient", row, check_gradients);
    if (row.differentiable && row.twice) add("OpSecondGradient", row, check_second_gradients);
    if (row.batched) add("OpBatch", row, check_batch);
    if (row.captured) add("OpCapture", row, check_capture);
    add("OpErrors", row, check_errors);
    add("OpScaling", row, check_scaling);
    add("OpEdges", row, check_edges);
    add("OpLongAxis", row, check_long_axis);
    add("OpChoice", row, check_choice);
    add("OpHistory", row, check_history);
    add("OpThreads", row, check_threads);
  }
  return count;
}

}  // namespace sigmagrad::testing
