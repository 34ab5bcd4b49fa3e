// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/graph/derivatives.hpp>

#include <algorithm>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/graph/detail/pull_back.hpp>
#include <sigmagrad/autograd/kernels/access.hpp>
#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {
namespace {

using engine::Callable;
using engine::fail;
using engine::Tensors;

struct Evaluation {
  Tensors inputs, outputs;
};

// The inputs as f sees them: linked to what they were computed from only where the results will be.
Tensors traced(const Tensors& inputs, bool create_graph) {
  Tensors result;
  for (const auto& input : inputs)
    result.push_back(create_graph && input.requires_grad() ? input.reshape(input.shape())
                                                           : input.detach().requires_grad_());
  return result;
}

Evaluation evaluate(const char* name, const Callable& f, const Tensors& inputs, DerivativeOptions options) {
  if (inputs.empty()) fail("{}: needs at least one input", name);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].defined()) fail("{}: input {} is undefined", name, i);
    if (f.reads_inputs && !inputs[i].requires_grad())
      fail("{}: input {} does not require grad, and the function takes no argument", name, i);
  }
  Evaluation result{f.reads_inputs ? inputs : traced(inputs, options.create_graph), {}};
  result.outputs = f.function(result.inputs);
  for (std::size_t k = 0; k < result.outputs.size(); ++k)
    if (!result.outputs[k].defined()) fail("{}: output {} of the function is undefined", name, k);
  return result;
}

// One v for each tensor, of its shape and dtype.
void check_vectors(const char* name, const Tensors& v, const char* what, const Tensors& tensors) {
  if (v.size() != tensors.size()) fail("{}: {} vectors for {} {}s", name, v.size(), tensors.size(), what);
  for (std::size_t i = 0; i < v.size(); ++i)
    if (!v[i].defined() || v[i].shape() != tensors[i].shape() || v[i].dtype() != tensors[i].dtype())
      fail("{}: v[{}] is {}, {} {} is {} {}", name, i,
           v[i].defined() ? v[i].shape().str() + " " + name_of(v[i].dtype()) : "undefined", what, i,
           tensors[i].shape().str(), name_of(tensors[i].dtype()));
}

Tensors with_zeros(Tensors gradients, const Tensors& inputs) {
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (!gradients[i].defined()) gradients[i] = zeros_like(inputs[i]);
  return gradients;
}

// The gradients of <v, outputs>, zero where nothing depends on an input. The graph is kept: it may be the caller's.
Tensors pull_back(const Tensors& outputs, const Tensors& v, const Tensors& inputs, bool create_graph) {
  GradOptions options{.create_graph = create_graph, .retain_graph = true, .allow_unused = true};
  Tensor total;
  const auto varies = [](const Tensor& output) { return output.requires_grad(); };
  if (std::count_if(outputs.begin(), outputs.end(), varies) == 1) {
    const auto k = std::find_if(outputs.begin(), outputs.end(), varies) - outputs.begin();
    total = outputs[static_cast<std::size_t>(k)];
    options.grad_outputs = v[static_cast<std::size_t>(k)];
  } else {
    for (std::size_t k = 0; k < outputs.size(); ++k) {
      if (!varies(outputs[k])) continue;
      const Tensor term = sum(outputs[k] * v[k]).to(f64);
      total = total.defined() ? total + term : term;
    }
  }
  return with_zeros(total.defined() ? grad(total, inputs, options) : Tensors(inputs.size()), inputs);
}

// What is handed out: without history unless asked for, and a value of its own, since a gradient may be v itself.
Tensors finished(const Tensors& tensors, DerivativeOptions options) {
  const GradMode mode(options.create_graph);
  Tensors result;
  for (const auto& tensor : tensors) result.push_back(tensor.reshape(tensor.shape()));
  return result;
}

// A tensor of zeros with a one at an entry.
Tensor unit(const Tensor& like, std::int64_t entry) {
  Tensor result = engine::make_tensor(like.shape(), like.dtype());
  engine::dispatch(like.dtype(), [&]<class T>(T) {
    engine::launch([to = engine::fresh<T>(result), n = like.numel(), entry] {
      std::fill_n(to, n, T(0));
      to[entry] = T(1);
    });
  });
  return result;
}

Shape concatenated(const Shape& a, const Shape& b) {
  std::vector<std::int64_t> sizes(a.begin(), a.end());
  sizes.insert(sizes.end(), b.begin(), b.end());
  return Shape(sizes);
}

// The Jacobians of one output in every input, a walk for each entry of the output.
Tensors jacobian_rows(const Tensor& output, const Tensors& inputs, DerivativeOptions options) {
  Tensors result;
  for (const auto& input : inputs) result.push_back(zeros(concatenated(output.shape(), input.shape()), input.dtype()));
  if (!output.requires_grad() || output.numel() == 0) return result;
  const engine::PullBack pull_back(output, inputs, true);
  std::vector<Tensors> rows(inputs.size());
  for (std::int64_t entry = 0; entry < output.numel(); ++entry) {
    const auto gradients = with_zeros(pull_back(unit(output, entry), options.create_graph, true), inputs);
    for (std::size_t i = 0; i < inputs.size(); ++i) rows[i].push_back(gradients[i].reshape({1, inputs[i].numel()}));
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) result[i] = cat(rows[i], 0).reshape(result[i].shape());
  return result;
}

}  // namespace

std::pair<Tensors, Tensors> engine::vjp(const Callable& f, const Tensors& inputs, const Tensors& v,
                                        DerivativeOptions options) {
  const GradMode mode(true);
  const auto [x, outputs] = evaluate("vjp", f, inputs, options);
  check_vectors("vjp", v, "output", outputs);
  const auto gradients = pull_back(outputs, v, x, options.create_graph);
  return {finished(outputs, options), finished(gradients, options)};
}

std::pair<Tensors, Tensors> engine::jvp(const Callable& f, const Tensors& inputs, const Tensors& v,
                                        DerivativeOptions options) {
  const GradMode mode(true);
  check_vectors("jvp", v, "input", inputs);
  const auto [x, outputs] = evaluate("jvp", f, inputs, options);
  Tensors cotangents;
  for (const auto& output : outputs) cotangents.push_back(zeros_like(output).requires_grad_());
  const auto gradients = pull_back(outputs, cotangents, x, true);
  const auto tangents = pull_back(gradients, v, cotangents, options.create_graph);
  return {finished(outputs, options), finished(tangents, options)};
}

std::vector<Tensors> engine::jacobian(const Callable& f, const Tensors& inputs, DerivativeOptions options) {
  const GradMode mode(true);
  const auto [x, outputs] = evaluate("jacobian", f, inputs, options);
  std::vector<Tensors> result;
  for (const auto& output : outputs) result.push_back(finished(jacobian_rows(output, x, options), options));
  return result;
}

HessianOperator engine::hessian_operator(const char* name, const Callable& f, const Tensors& inputs,
                                         DerivativeOptions options) {
  const GradMode mode(true);
  auto [x, outputs] = evaluate(name, f, inputs, options);
  if (outputs.size() != 1) fail("{}: the function must return one tensor, got {}", name, outputs.size());
  if (outputs[0].numel() != 1) fail("{}: the function must return one entry, got {}", name, outputs[0].shape().str());
  HessianOperator result;
  result.value_ = std::move(outputs[0]);
  result.inputs_ = std::move(x);
  result.differentiate();
  return result;
}

HessianOperator::HessianOperator(const Tensor& value, std::vector<Tensor> inputs)
    : value_(value), inputs_(std::move(inputs)) {
  if (value.numel() != 1) fail("HessianOperator: needs a scalar, got {}", value.shape().str());
  if (!value.requires_grad())
    fail("HessianOperator: the value has no history: nothing it was computed from requires grad");
  if (inputs_.empty()) fail("HessianOperator: needs at least one input");
  differentiate();
}

void HessianOperator::differentiate() { gradients_ = pull_back({value_}, {ones_like(value_)}, inputs_, true); }

std::vector<Tensor> HessianOperator::operator()(const std::vector<Tensor>& v, DerivativeOptions options) const {
  const GradMode mode(true);
  check_vectors("hvp", v, "input", inputs_);
  return finished(pull_back(gradients_, v, inputs_, options.create_graph), options);
}

std::vector<std::vector<Tensor>> HessianOperator::blocks(DerivativeOptions options) const {
  const GradMode mode(true);
  std::vector<std::vector<Tensor>> result;
  for (const auto& gradient : gradients_)
    result.push_back(finished(jacobian_rows(gradient, inputs_, options), options));
  return result;
}

}  // namespace sigmagrad
