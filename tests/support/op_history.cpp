// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/support/op_history.hpp>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <sigmagrad/autograd/capture/capture.hpp>
#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/memory/poison.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/tests/support/on_threads.hpp>

namespace sigmagrad::testing {
namespace {

using Shapes = std::vector<Shape>;

std::int64_t numel(const Shapes& shapes) {
  std::int64_t total = 0;
  for (const auto& shape : shapes) total += shape.numel();
  return total;
}

// The last two axes `factor` times as long, but those of length 1, which may broadcast.
Shapes enlarged(const Shapes& shapes, std::int64_t factor) {
  Shapes result;
  for (Shape shape : shapes) {
    for (int axis = std::max(0, shape.rank() - 2); axis < shape.rank(); ++axis)
      if (shape[axis] > 1) shape = shape.with(axis, factor * shape[axis]);
    result.push_back(shape);
  }
  return result;
}

// The row's sets, and its first one in sizes at which blocked algorithms choose other blocks. Where the operation
// refuses a size it is not asked.
std::vector<Shapes> all_shapes(const OpCase& row) {
  std::vector<Shapes> all = row.shapes;
  for (const std::int64_t factor : {5, 16, 40}) all.push_back(enlarged(row.shapes.front(), factor));
  return all;
}

Tensors inputs_of(const OpCase& row, const Shapes& shapes, std::uint64_t variant, Dtype dtype) {
  Tensors inputs;
  for (const auto& input : make_inputs(row, shapes, variant)) inputs.push_back(input.to(dtype));
  return inputs;
}

// The value; the gradients of the sum of its squares; if `twice`, the second derivatives of the sum of their squares.
Tensors results_of(const OpCase& row, Tensors inputs, bool twice) {
  Tensors results, leaves;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!row.differentiable || (i < row.entries.size() && row.entries[i].whole)) continue;
    inputs[i] = inputs[i].clone().requires_grad_();
    leaves.push_back(inputs[i]);
  }
  results.push_back(row.f(inputs));
  if (leaves.empty()) return results;
  const auto loss = square(results[0]).sum();
  for (const auto& gradient : grad(loss, leaves, {.retain_graph = true})) results.push_back(gradient);
  if (!twice) return results;
  const auto gradients = grad(loss, leaves, {.create_graph = true});  // rules may go another way with a graph
  results.insert(results.end(), gradients.begin(), gradients.end());
  Tensor sum = square(gradients[0]).sum();
  for (std::size_t i = 1; i < gradients.size(); ++i) sum = sum + square(gradients[i]).sum();
  if (!sum.requires_grad()) return results;
  for (const auto& second : grad(sum, leaves, {.allow_unused = true}))
    if (second.defined()) results.push_back(second);
  return results;
}

// On a thread that has computed nothing. Nothing where the operation refuses the inputs.
std::optional<Tensors> on_a_fresh_thread(const OpCase& row, const Tensors& inputs, bool twice) {
  std::optional<Tensors> results;
  std::thread([&] {
    try {
      results = results_of(row, inputs, twice);
    } catch (const Error&) {
    }
  }).join();
  return results;
}

// Number of the first entry of `actual` with other bits than that of `expected`; -1 where there is none.
std::int64_t first_difference(const void* actual, const void* expected, std::int64_t count, std::size_t size) {
  const auto *a = static_cast<const char*>(actual), *b = static_cast<const char*>(expected);
  for (std::int64_t i = 0; i < count; ++i, a += size, b += size)
    if (std::memcmp(a, b, size) != 0) return i;
  return -1;
}

template <class T>
std::int64_t first_difference(const Tensor& actual, const Tensor& expected, std::int64_t entry) {
  const auto *a = actual.data<T>().data(), *b = expected.data<T>().data();
  return first_difference(a + entry * expected.numel(), b, expected.numel(), sizeof(T));
}

// `entry` is that of a batch.
void expect_same(const OpCase& row, const char* when, const Tensors& actual, const Tensors& expected,
                 std::int64_t entry = 0) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t r = 0; r < expected.size(); ++r) {
    const auto at = expected[r].dtype() == f64 ? first_difference<double>(actual[r], expected[r], entry)
                                               : first_difference<float>(actual[r], expected[r], entry);
    EXPECT_EQ(at, -1) << row.name << ' ' << when << ": " << expected[r].dtype() << ' ' << expected[r].shape()
                      << ", result " << r << " has other bits at this entry";
  }
}

struct Question {
  Shapes shapes;
  Dtype dtype;
  bool twice;
  Tensors inputs, expected;
};

// For the shapes that the operation takes.
std::vector<Question> questions(const OpCase& row, Dtype dtype) {
  std::vector<Question> result;
  for (const auto& shapes : all_shapes(row)) {
    if (result.size() >= row.shapes.size() && numel(shapes) > 80000) continue;
    const bool twice = row.twice && numel(shapes) < 5000;  // else it takes long
    const Tensors inputs = inputs_of(row, shapes, 0, dtype);
    if (const auto expected = on_a_fresh_thread(row, inputs, twice))
      result.push_back({shapes, dtype, twice, inputs, *expected});
  }
  return result;
}

// The second of three in a batch.
void check_alignment(const OpCase& row, const Question& q) {
  Tensors batch;
  for (std::size_t i = 0; i < q.shapes.size(); ++i) {
    if (q.shapes[i].rank() != q.shapes.front().rank()) return;
    Tensors parts;
    for (const std::uint64_t variant : {1, 0, 2}) parts.push_back(inputs_of(row, q.shapes, variant, q.dtype)[i]);
    batch.push_back(stack(parts, 0));
  }
  expect_same(row, "in a batch", results_of(row, batch, q.twice), q.expected, 1);
}

void check_history(const OpCase& row, Dtype dtype) {
  auto all = questions(row, dtype);
  ASSERT_GE(all.size(), row.shapes.size()) << row.name;
  const auto ask = [&](const char* when, const Question& q) {
    expect_same(row, when, results_of(row, q.inputs, q.twice), q.expected);
  };
  for (const auto& q : all) ask("after smaller inputs", q);
  std::reverse(all.begin(), all.end());
  for (const auto& q : all) ask("after larger inputs", q);
  for (const auto& q : all) {
    engine::poison_free_memory();
    ask("with memory full of NaN", q);
  }
  for (const auto& q : all)
    if (row.batched) check_alignment(row, q);
}

}  // namespace

void check_history(const OpCase& row) {
  for (const auto dtype : {f64, f32}) check_history(row, dtype);
}

void check_threads(const OpCase& row) {
  for (const auto dtype : {f64, f32}) {
    auto all = questions(row, dtype);
    for (const auto& shapes : row.extremes.long_axis.shapes) {
      const Tensors inputs = inputs_of(row, shapes, 0, dtype);
      if (const auto expected = on_a_fresh_thread(row, inputs, false))
        all.push_back({shapes, dtype, false, inputs, *expected});
    }
    for (auto& q : all) {
      const OnThreads three(3);
      expect_same(row, "on three threads", results_of(row, q.inputs, q.twice), q.expected);
      if (!row.captured) continue;
      auto step = capture([&] { return results_of(row, q.inputs, false); });
      for (int call = 0; call < 2; ++call) step();
      q.expected.resize(step.outputs().size());  // without second derivatives
      expect_same(row, "replayed on three threads", step.outputs(), q.expected);
    }
  }
}

}  // namespace sigmagrad::testing
