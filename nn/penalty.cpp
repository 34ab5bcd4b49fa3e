// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/nn/penalty.hpp>

#include <limits>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/graph/make_node.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/linalg/norms.hpp>

namespace sigmagrad::nn {

Penalty::Penalty(Value value, Prox prox) : value_(std::move(value)), prox_(std::move(prox)) {
  if (!value_) engine::fail("Penalty: needs a function of a weight, got none");
}

Tensor Penalty::operator()(const Tensor& w) const {
  Tensor value = value_(w);
  return value.dim() == 0 ? value : value.sum();
}

Tensor Penalty::operator()(const Module& model) const {
  Tensor total;
  Dtype dtype = f64;
  for (const auto& [name, w] : model.named_weights()) {
    dtype = w.dtype();
    if (w.dim() < 2) continue;
    const Tensor value = (*this)(w);
    total = total.defined() ? total + value : value;
  }
  return total.defined() ? total : zeros({}, dtype);
}

Tensor Penalty::prox(const Tensor& w, Scalar tau) const {
  if (!prox_) engine::fail("Penalty: has no prox: it is a sum, or a function given without one");
  if (!(tau.now() >= 0.0)) engine::fail("Penalty: prox needs tau >= 0 (got {})", tau.now());
  return prox_(w, full({}, tau, w.dtype()));
}

Penalty operator+(const Penalty& a, const Penalty& b) {
  return Penalty([a, b](const Tensor& w) {
    const Tensor first = a(w);
    return first + b(w);
  });
}

Penalty operator*(Scalar factor, const Penalty& penalty) {
  Penalty::Prox prox;
  if (penalty.prox_)
    prox = [factor, prox = penalty.prox_](const Tensor& w, const Tensor& tau) {
      if (!(factor.now() >= 0.0)) engine::fail("Penalty: prox needs a factor >= 0 (got {})", factor.now());
      return prox(w, factor * tau);
    };
  return Penalty([factor, penalty](const Tensor& w) { return factor * penalty(w); }, std::move(prox));
}

namespace {

struct ValueAndGradient {
  Tensor value, gradient;
};

// The value at w and its gradient there, clipped.
ValueAndGradient clipped_gradient(const Penalty& penalty, const Tensor& w, double max_norm, bool create_graph) {
  const GradMode mode(true);
  const Tensor value = penalty(w);
  if (!value.requires_grad()) return {value, zeros_like(w)};
  const auto [gradient] = grad(value, {w}, {.create_graph = create_graph, .allow_unused = true});
  if (!gradient.defined()) return {value, zeros_like(w)};
  const GradMode again(create_graph);
  const Tensor norm = clamp(linalg::norm(gradient), max_norm, std::numeric_limits<double>::infinity());
  return {value, gradient * (max_norm / norm).unsqueeze(-1).unsqueeze(-1)};
}

}  // namespace

Penalty clipped(const Penalty& penalty, double max_norm) {
  if (!(max_norm > 0.0)) engine::fail("clipped: max_norm must be > 0 (got {})", max_norm);
  const auto value = [penalty, max_norm](const Tensor& w) {
    if (w.dim() < 2) engine::fail("clipped: needs a matrix, got {}", w.shape().str());
    if (!grad_enabled() || !w.requires_grad()) return penalty(w);
    const auto result = clipped_gradient(penalty, w.detach().requires_grad_(), max_norm, false);
    const std::array outputs{result.value.detach(), result.gradient};
    engine::make_node<1>("clipped", {&w}, std::span<const Tensor, 2>(outputs),
                         engine::saves_input | engine::saves_output,
                         [penalty, max_norm](const engine::Saved& saved, const engine::Gradients& gradients) {
                           if (!grad_enabled()) return saved.output(1) * gradients[0];
                           return clipped_gradient(penalty, saved.input(), max_norm, true).gradient * gradients[0];
                         });
    return outputs[0];
  };
  return Penalty(value, penalty.prox_);
}

}  // namespace sigmagrad::nn
