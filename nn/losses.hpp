// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad {

/// How a loss combines its entries: their mean, their sum, half their sum, or their mean over the entries that a mask
/// shows.
enum class Reduction { Mean, Sum, HalfSum, MeanObserved };

/// Squared differences of two tensors of one shape, reduced to a scalar. The mean of no entries is NaN.
Tensor mse_loss(const Tensor& prediction, const Tensor& target, Reduction reduction = Reduction::Mean);

/// mask * (prediction - target)^2, all of one shape, reduced to a scalar; MeanObserved divides by sum(mask). Where the
/// mask is 0, an entry counts for nothing in the loss and has gradient 0, even if it is infinite or NaN. A mask whose
/// sum is 0 is an Error under MeanObserved, at a replay too. No gradient flows to the mask.
Tensor masked_mse_loss(const Tensor& prediction, const Tensor& target, const Tensor& mask,
                       Reduction reduction = Reduction::MeanObserved);

/// (<X_n, w> - y_n)^2 of measurements X [count, ...] with w's shape behind the count and values y [count]: matrix
/// sensing.
Tensor sensing_loss(const Tensor& w, const Tensor& measurements, const Tensor& values,
                    Reduction reduction = Reduction::Mean);

/// log(1 + exp(x)) - x y of logits x and targets y of one shape, reduced to a scalar: the cross-entropy of sigmoid(x),
/// to rounding where it is small too. An infinite logit costs 0 where the target is its class, else infinity.
Tensor bce_with_logits(const Tensor& logits, const Tensor& targets, Reduction reduction = Reduction::Mean);

/// -log_softmax(row)[label] of each row of logits [batch, classes], reduced to a scalar, to rounding where it is small
/// too. A class masked by -inf has gradient 0; a label there costs infinity, and so does any in a row of -inf alone. A
/// captured step keeps the labels of its captured call.
Tensor cross_entropy(const Tensor& logits, std::span<const std::int64_t> labels, Reduction reduction = Reduction::Mean);
inline Tensor cross_entropy(const Tensor& logits, std::initializer_list<std::int64_t> labels,
                            Reduction reduction = Reduction::Mean) {
  return cross_entropy(logits, std::span(labels.begin(), labels.size()), reduction);
}

/// Takes the labels as whole numbers in a tensor [batch]: a captured step reads them at every call.
Tensor cross_entropy(const Tensor& logits, const Tensor& labels, Reduction reduction = Reduction::Mean);

}  // namespace sigmagrad
