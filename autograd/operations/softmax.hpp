// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/graph/make_node.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>

namespace sigmagrad::engine {

/// The gradient of softmax along the last axis: y (g - <y, g>), where y is the softmax and g its gradient.
Tensor softmax_gradient(const Tensor& y, const Tensor& grad);

/// The gradient rule of an operation whose second, hidden output is the softmax y of its input, where rule(y, grad) is
/// the gradient of its result. A gradient of y comes from the gradients of that rule.
template <class Rule>
auto beside_softmax_rule(Rule rule) {
  return [rule](const Saved& saved, const Gradients& gradients) {
    const Tensor y = saved.output(1);
    const Tensor through_y = gradients[1].defined() ? softmax_gradient(y, gradients[1]) : Tensor();
    if (!gradients[0].defined()) return through_y;
    const Tensor direct = rule(y, gradients[0]);
    return through_y.defined() ? direct + through_y : direct;
  };
}

}  // namespace sigmagrad::engine
