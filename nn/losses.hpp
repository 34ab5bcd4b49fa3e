// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor.hpp>

namespace sigmagrad {

/// How a loss combines its entries: their mean, their sum, or half their sum.
enum class Reduction { Mean, Sum, HalfSum };

/// Squared differences of two tensors of one shape, reduced to a scalar.
Tensor mse_loss(const Tensor& prediction, const Tensor& target, Reduction reduction = Reduction::Mean);

}  // namespace sigmagrad
