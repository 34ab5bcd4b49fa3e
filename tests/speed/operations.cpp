// SPDX-License-Identifier: BSD-3-Clause
// Every row of the operations' table, timed: op/<name>/<shapes>/forward and, where it is differentiable, /backward.
#include <algorithm>

#include <benchmark/benchmark.h>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/tests/support/op_cases.hpp>

namespace sigmagrad::testing {
namespace {

using Shapes = std::vector<Shape>;

constexpr std::int64_t large = 64, most_entries = 1'000'000;  // of an input's axis, of a result

std::string name_of(const OpCase& row, const Shapes& shapes) {
  std::string text = "op/" + row.name + '/';
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    text += i == 0 ? "" : ",";
    for (int axis = 0; axis < shapes[i].rank(); ++axis)
      text += (axis == 0 ? "" : "x") + std::to_string(shapes[i][axis]);
    if (shapes[i].rank() == 0) text += "scalar";
  }
  return text;
}

bool has_entries(const Shapes& shapes) {
  return std::all_of(shapes.begin(), shapes.end(), [](const Shape& shape) { return shape.numel() > 0; });
}

// The row's first sets of shapes with entries, and large squares where each input can be one.
std::vector<Shapes> sizes_of(const OpCase& row) {
  constexpr std::size_t most = 2;
  std::vector<Shapes> sizes;
  for (const auto& shapes : row.shapes)
    if (sizes.size() < most && has_entries(shapes)) sizes.push_back(shapes);
  if (sizes.empty() || row.shapes.front().empty()) return sizes;
  const Shapes squares(row.shapes.front().size(), Shape{large, large});
  try {
    if (row.f(make_inputs(row, squares)).numel() <= most_entries) sizes.push_back(squares);
  } catch (const std::exception&) {  // an index, a vector or a fixed size among the inputs
  }
  return sizes;
}

// The inputs that can be differentiated, as leaves.
Tensors with_leaves(const OpCase& row, const Shapes& shapes, Tensors& leaves) {
  Tensors inputs = make_inputs(row, shapes);
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (i >= row.entries.size() || !row.entries[i].whole) leaves.push_back(inputs[i].requires_grad_());
  return inputs;
}

void forward(benchmark::State& state, const OpCase& row, const Shapes& shapes) {
  const Tensors inputs = make_inputs(row, shapes);
  for (auto _ : state) benchmark::DoNotOptimize(row.f(inputs));
}

// The walk back alone: the graph is kept.
void backward(benchmark::State& state, const OpCase& row, const Shapes& shapes) {
  Tensors leaves;
  const Tensors inputs = with_leaves(row, shapes, leaves);
  const Tensor result = row.f(inputs);
  const Tensor loss = result.numel() == 1 ? result.reshape(Shape{}) : result.sum();
  const GradOptions options{.retain_graph = true, .allow_unused = true};
  for (auto _ : state) benchmark::DoNotOptimize(grad(loss, leaves, options));
}

// One entry: what is left is the node, memory and release.
void overhead(benchmark::State& state, bool with_node) {
  Tensor a = ones({1});
  if (with_node) a.requires_grad_();
  const Tensor b = ones({1});
  for (auto _ : state) benchmark::DoNotOptimize(a + b);
}

int register_operations() {
  benchmark::RegisterBenchmark("overhead/add/1", overhead, true);
  benchmark::RegisterBenchmark("overhead/add_not_recorded/1", overhead, false);
  int count = 2;
  for (const OpCase& row : all_cases())
    for (const Shapes& shapes : sizes_of(row)) {
      const std::string name = name_of(row, shapes);
      benchmark::RegisterBenchmark((name + "/forward").c_str(), forward, row, shapes);
      if (row.differentiable) benchmark::RegisterBenchmark((name + "/backward").c_str(), backward, row, shapes);
      ++count;
    }
  return count;
}

[[maybe_unused]] const int registered = register_operations();

}  // namespace
}  // namespace sigmagrad::testing
