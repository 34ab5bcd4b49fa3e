// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/graph/derivatives.hpp>

namespace sigmagrad {

namespace detail {
Tensor tangent_kernel(const std::function<Tensor()>& outputs, const std::vector<Tensor>& parameters,
                      const Tensor& samples, DerivativeOptions options);
}

/// The neural tangent kernel J J', J = d model(x) / d parameters, for x [P, ...] and model(x) [P, ...] with O outputs a
/// sample (an output of rank 1 is one a sample): [O P, O P] f64. Output o of sample p has the index o * P + p.
/// Parameters that do not require grad, or on which nothing depends, contribute nothing.
template <class Model>
Tensor ntk(const Model& model, const Tensor& x, DerivativeOptions options = {}) {
  return detail::tangent_kernel([&] { return model(x); }, model.parameters(), x, options);
}

}  // namespace sigmagrad
