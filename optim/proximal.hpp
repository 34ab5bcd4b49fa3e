// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <functional>
#include <vector>

#include <sigmagrad/optim/optimizer.hpp>

namespace sigmagrad::optim {

/// prox of a penalty r: (w, tau) -> the x that minimises ||x - w||_F^2 / 2 + tau r(x).
using Prox = std::function<Tensor(const Tensor& w, Scalar tau)>;

/// A hook for Optimizer::after_step that ends every step with p <- prox(p, lr strength), for the lr of p's group at
/// that time and the parameters that have a gradient:
///   optimizer.after_step(proximal({layer.weight}, linalg::prox_nuclear, 1e-3));
/// After SGD without momentum this is proximal gradient descent (Parikh and Boyd 2014, section 4.2), which minimises
/// loss + strength r; other optimisers rescale the gradient, and their minimum is another one. A parameter that the
/// optimiser does not have is an Error of the first step.
std::function<void(Optimizer&)> proximal(std::vector<Tensor> params, Prox prox, double strength);

/// Applies the prox of a penalty, `proximal(model.parameters(), nn::nuclear_penalty(), 1e-3)`, on the parameters
/// of two or more axes.
template <class Penalty>
requires requires(const Penalty& penalty, const Tensor& w, Scalar tau) {
  { penalty.prox(w, tau) } -> std::convertible_to<Tensor>;
}
std::function<void(Optimizer&)> proximal(std::vector<Tensor> params, Penalty penalty, double strength) {
  std::erase_if(params, [](const Tensor& parameter) { return parameter.dim() < 2; });
  const Prox prox = [penalty = std::move(penalty)](const Tensor& w, Scalar tau) { return penalty.prox(w, tau); };
  return proximal(std::move(params), prox, strength);
}

/// Entries reduced in size by tau >= 0 and cut off at zero: the prox of the sum of entry sizes.
Tensor soft_threshold(const Tensor& w, Scalar tau);

}  // namespace sigmagrad::optim
