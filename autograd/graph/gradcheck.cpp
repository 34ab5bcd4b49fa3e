// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/graph/gradcheck.hpp>

#include <cmath>

#include <sigmagrad/autograd/graph/backward.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::testing {
namespace {

using sigmagrad::engine::fail;

std::vector<Tensor> as_leaves(const char* name, const std::vector<Tensor>& inputs) {
  std::vector<Tensor> leaves;
  for (const auto& input : inputs) {
    if (input.dtype() != f64) fail("{}: inputs must be f64, got {}", name, name_of(input.dtype()));
    leaves.push_back(input.detach().clone().requires_grad_());
  }
  return leaves;
}

// sum(weights * f(inputs)) with weights that are the same at every call.
Tensor weighted(const Differentiable& f, const std::vector<Tensor>& inputs) {
  const auto output = f(inputs);
  Generator generator(20240607);
  return sum(output * randn(output.shape(), generator));
}

void compare(const char* name, const Differentiable& f, const std::vector<Tensor>& inputs,
             const GradcheckOptions& options) {
  auto leaves = as_leaves(name, inputs);
  const auto output = weighted(f, leaves);
  const auto gradients = output.requires_grad() ? grad(output, leaves, {.allow_unused = true})
                                                : std::vector<Tensor>(leaves.size());  // constant: zero
  for (std::size_t i = 0; i < leaves.size(); ++i)
    for (std::size_t entry = 0; entry < static_cast<std::size_t>(leaves[i].numel()); ++entry) {
      const auto value_at = [&](double shift) {
        const double old = leaves[i].data<double>()[entry];
        leaves[i].mutable_data<double>()[entry] = old + shift;
        const double value = weighted(f, leaves).item();
        leaves[i].mutable_data<double>()[entry] = old;
        return value;
      };
      const double numerical = (value_at(options.step) - value_at(-options.step)) / (2.0 * options.step);
      const double analytic = gradients[i].defined() ? gradients[i].data<double>()[entry] : 0.0;
      if (!(std::abs(analytic - numerical) <= options.atol + options.rtol * std::abs(numerical)))
        fail("{}: input {} of shape {}, entry {}: gradient {}, finite difference {}", name, i, leaves[i].shape().str(),
             entry, analytic, numerical);
    }
}

}  // namespace

void check_gradient(const Differentiable& f, const std::vector<Tensor>& inputs, const GradcheckOptions& options) {
  compare("gradcheck", f, inputs, options);
}

void check_second_gradient(const Differentiable& f, const std::vector<Tensor>& inputs,
                           const GradcheckOptions& options) {
  // All first gradients as one vector: a function of the inputs whose gradient is checked in turn.
  const Differentiable gradients = [&f](const std::vector<Tensor>& leaves) {
    Tensor total = zeros({});
    const auto output = weighted(f, leaves);
    if (!output.requires_grad()) return total;
    for (const auto& g : grad(output, leaves, {.create_graph = true, .allow_unused = true})) {
      if (!g.defined()) continue;
      Generator generator(20240608);
      total = total + sum(g * randn(g.shape(), generator));
    }
    return total;
  };
  compare("gradgradcheck", gradients, inputs, options);
}

}  // namespace sigmagrad::testing
