// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <sigmagrad/optim/optimizer.hpp>
#include <vector>

namespace sigmagrad::optim {

/// prox of a penalty r: (w, tau) -> the x that minimises ||x - w||_F^2 / 2 + tau r(x).
using Prox = std::function<Tensor(const Tensor& w, Scalar tau)>;

/// A hook for Optimizer::after_step that ends every step with p <- prox(p, lr strength), for the lr of p's group at
/// that time and the parameters that have a gradient:
///   optimizer.after_step(proximal(model.parameters(), linalg::prox_nuclear, 1e-3));
/// After SGD without momentum this is proximal gradient descent (Parikh and Boyd 2014, section 4.2), which minimises
/// loss + strength r; other optimisers rescale the gradient, and their minimum is another one. A parameter that the
/// optimiser does not have is an Error of the first step.
std::function<void(Optimizer&)> proximal(std::vector<Tensor> params, Prox prox, double strength);

/// Entries reduced in size by tau >= 0 and cut off at zero: the prox of the sum of entry sizes.
Tensor soft_threshold(const Tensor& w, Scalar tau);

}  // namespace sigmagrad::optim
