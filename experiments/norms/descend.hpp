// SPDX-License-Identifier: BSD-3-Clause
// Searches by gradient: for the competitor that comes closest, the input that is stretched most, the end of a training.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad::experiments::norms {

/// Adam on `loss()`, which is captured, with a rate that falls from `lr` by a factor of 1000: least values of norms lie
/// at kinks.
void descend(const std::vector<Tensor>& varied, double lr, std::int64_t steps, const std::function<Tensor()>& loss);

/// Gradient descent with the rate `lr` on `loss()`, which is captured; `look(step)` is called after the steps that
/// `looks`, ascending, names. Ends with the last of them.
void gradient_descent(const std::vector<Tensor>& varied, double lr, const std::function<Tensor()>& loss,
                      const std::vector<std::int64_t>& looks, const std::function<void(std::int64_t)>& look);

}  // namespace sigmagrad::experiments::norms
