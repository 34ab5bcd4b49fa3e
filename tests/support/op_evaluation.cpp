// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/tests/support/op_evaluation.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>

namespace sigmagrad::testing {

std::string describe(const OpCase& row, const Tensors& inputs) {
  std::ostringstream text;
  text << row.name << " of";
  for (const auto& input : inputs) text << "\n" << input.shape() << "\n" << input;
  return text.str();
}

std::vector<std::size_t> moving_inputs(const OpCase& row, const Tensors& inputs) {
  std::vector<std::size_t> moving;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (!row.differentiable || i >= row.entries.size() || !row.entries[i].whole) moving.push_back(i);
  return moving;
}

const std::function<Tensor(const Tensors&)>& extreme_f(const OpCase& row) { return row.bare ? row.bare : row.f; }

Tensors ordinary_inputs(const OpCase& row, const std::vector<Shape>& shapes, Dtype dtype) {
  Tensors inputs = make_inputs(row, shapes);
  for (auto& input : inputs) input = input.to(dtype);
  return row.prepare ? row.prepare(inputs) : inputs;
}

std::vector<std::vector<Shape>> shapes_with_entries(const OpCase& row) {
  std::vector<std::vector<Shape>> sets;
  for (const auto& shapes : row.shapes)
    if (std::all_of(shapes.begin(), shapes.end(), [](const Shape& s) { return s.numel() > 0 && s.numel() <= 100; }))
      sets.push_back(shapes);
  return sets;
}

Tensor with_entry(const Tensor& x, std::int64_t i, double value) {
  Array array(x);
  array.values.at(static_cast<std::size_t>(i)) = value;
  return tensor(array.values, array.shape).to(x.dtype());
}

Array weights(const Shape& shape) {
  std::int64_t k = 0;
  return Array(shape, [&](const Index&) { return 1.0 + static_cast<double>(k++ % 9) / 8.0; });
}

namespace {

Tensor weighted_sum(const Tensor& x) {
  const Array w = weights(x.shape());
  return (x * tensor(w.values, w.shape).to(x.dtype())).sum();
}

// An input that the result does not depend on has gradient 0.
Arrays gradients(const Tensor& total, const Tensors& leaves, Tensors& graph, bool again) {
  graph = grad(total, leaves, {.create_graph = again, .allow_unused = true});
  Arrays result;
  for (std::size_t i = 0; i < leaves.size(); ++i)
    result.push_back(graph[i].defined() ? Array(graph[i]) : filled(leaves[i].shape(), 0.0));
  return result;
}

}  // namespace

Evaluation evaluate(const OpCase& row, const Tensors& inputs, std::vector<std::size_t> which) {
  if (!row.differentiable) return {Array(extreme_f(row)(inputs)), {}, {}};
  const auto moving = moving_inputs(row, inputs);
  if (which.empty()) which = moving;
  Tensors all = inputs, leaves, graph;
  for (const auto i : moving) leaves.push_back(all[i] = inputs[i].clone().requires_grad_());
  const Tensor value = extreme_f(row)(all);
  Evaluation result{Array(value), {}, {}};
  result.first = gradients(weighted_sum(value), leaves, graph, row.twice);
  if (!row.twice) return result;
  Tensor total;
  for (std::size_t k = 0; k < moving.size(); ++k) {
    if (std::count(which.begin(), which.end(), moving[k]) == 0) continue;
    if (!graph[k].defined() || !graph[k].requires_grad()) continue;
    const Tensor part = weighted_sum(graph[k]);
    total = total.defined() ? total + part : part;
  }
  if (total.defined()) result.second = gradients(total, leaves, graph, false);
  return result;
}

std::vector<int> Influence::entries_of_each_output() const {
  std::vector<int> counts(moves.front().size());
  for (const auto& outputs : moves)
    for (std::size_t o = 0; o < outputs.size(); ++o) counts[o] += outputs[o] ? 1 : 0;
  return counts;
}

bool Influence::any(std::size_t entry) const {
  return std::find(moves[entry].begin(), moves[entry].end(), true) != moves[entry].end();
}

std::vector<Influence> influence(const OpCase& row, const Tensors& inputs) {
  const Array before(extreme_f(row)(inputs));
  std::vector<Influence> result;
  for (const auto i : moving_inputs(row, inputs)) {
    Influence one{i, {}};
    const Array x(inputs[i]);
    for (std::size_t e = 0; e < x.values.size(); ++e) {
      Tensors moved = inputs;
      moved[i] = with_entry(inputs[i], static_cast<std::int64_t>(e), x.values[e] + 0x1p-6);
      const Array after(extreme_f(row)(moved));
      std::vector<bool> moves;
      for (std::size_t o = 0; o < before.values.size(); ++o) moves.push_back(before.values[o] != after.values[o]);
      one.moves.push_back(std::move(moves));
    }
    result.push_back(std::move(one));
  }
  return result;
}

Array rounded(Array x, Dtype dtype) {
  if (dtype == f32)
    for (double& value : x.values) value = static_cast<float>(value);
  return x;
}

bool any_nan(const Array& x) {
  return std::any_of(x.values.begin(), x.values.end(), [](double value) { return std::isnan(value); });
}

bool all_finite(const Array& x) {
  return std::all_of(x.values.begin(), x.values.end(), [](double value) { return std::isfinite(value); });
}

std::string text_of(const Array& x) {
  std::ostringstream text;
  text.precision(9);
  for (std::size_t i = 0; i < std::min<std::size_t>(x.values.size(), 12); ++i) text << (i ? " " : "") << x.values[i];
  return text.str();
}

double tolerance(Dtype dtype) { return dtype == f64 ? 1e-11 : 2e-5; }

void expect_equal(const Array& actual, const Array& expected, const Allowed& allowed, const std::string& context) {
  ASSERT_EQ(actual.shape, expected.shape) << context;
  double largest = allowed.size;
  for (const double value : expected.values)
    if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
  const double unit = std::ldexp(1.0, allowed.dtype == f64 ? -1074 : -149);
  const double error = allowed.tolerance * largest + 256.0 * unit;
  for (std::size_t i = 0; i < actual.values.size(); ++i) {
    const double a = actual.values[i], e = expected.values[i];
    ASSERT_TRUE(std::isnan(a)      ? std::isnan(e)
                : std::isfinite(e) ? std::abs(a - e) <= error
                                   : a == e)
        << "entry " << i << ": " << text_of(actual) << "\nexpected: " << text_of(expected) << "\n"
        << context;
  }
}

}  // namespace sigmagrad::testing
