// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad::testing {

using Differentiable = std::function<Tensor(const std::vector<Tensor>&)>;

/// Steps and tolerances are for f64; the error allowed is atol + rtol |numerical|.
struct GradcheckOptions {
  double step = 1e-6;
  double atol = 1e-6;
  double rtol = 1e-5;
};

/// Compares the gradient of f with central differences, entry by entry, at f64 inputs (all of them differentiated), for
/// a fixed random weighting of the outputs. Throws Error naming input, entry and both numbers where they disagree.
void check_gradient(const Differentiable& f, const std::vector<Tensor>& inputs, const GradcheckOptions& options = {});
/// Checks the gradient of the gradient, which f must support, in the same way.
void check_second_gradient(const Differentiable& f, const std::vector<Tensor>& inputs,
                           const GradcheckOptions& options = {});

namespace engine {

template <class F, std::size_t... I>
Tensor call(const F& f, const std::vector<Tensor>& inputs, std::index_sequence<I...>) {
  return f(inputs[I]...);
}

/// An f of N tensors as one of a vector.
template <class F, std::size_t N>
Differentiable spread(const F& f) {
  return [&f](const std::vector<Tensor>& inputs) { return call(f, inputs, std::make_index_sequence<N>()); };
}

}  // namespace engine

/// For an f that takes the tensors as arguments: `gradcheck(Softplus::apply, {randn({3, 4})})`.
template <class F, std::size_t N>
void gradcheck(const F& f, const Tensor (&inputs)[N], const GradcheckOptions& options = {}) {
  check_gradient(engine::spread<F, N>(f), std::vector<Tensor>(inputs, inputs + N), options);
}
template <class F, std::size_t N>
void gradgradcheck(const F& f, const Tensor (&inputs)[N], const GradcheckOptions& options = {}) {
  check_second_gradient(engine::spread<F, N>(f), std::vector<Tensor>(inputs, inputs + N), options);
}

}  // namespace sigmagrad::testing
