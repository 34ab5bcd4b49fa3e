// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <sigmagrad/autograd/tensor.hpp>
#include <span>

namespace sigmagrad {

/// How a loss combines its entries: their mean, their sum, half their sum, or their mean over the entries that a mask
/// shows.
enum class Reduction { Mean, Sum, HalfSum, MeanObserved };

/// Squared differences of two tensors of one shape, reduced to a scalar.
Tensor mse_loss(const Tensor& prediction, const Tensor& target, Reduction reduction = Reduction::Mean);

/// mask * (prediction - target)^2, all of one shape, reduced to a scalar; MeanObserved divides by sum(mask). No
/// gradient flows to the mask.
Tensor masked_mse_loss(const Tensor& prediction, const Tensor& target, const Tensor& mask,
                       Reduction reduction = Reduction::MeanObserved);

/// logsumexp(row) - row[label] of each row of logits [batch, classes], reduced to a scalar: the negative logarithm of
/// the label's softmax. A captured step keeps the labels of its recorded call.
Tensor cross_entropy(const Tensor& logits, std::span<const std::int64_t> labels, Reduction reduction = Reduction::Mean);

}  // namespace sigmagrad
