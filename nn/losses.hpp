// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad {

/// How a loss combines its terms: their mean, their sum, half their sum, their mean over the entries that a mask shows,
/// or not at all: None returns each term, so that of logits [models, batch, classes] `cross_entropy(...,
/// None).mean(-1)` is a loss for each model.
enum class Reduction { Mean, Sum, HalfSum, MeanObserved, None };

// Every loss reduces its terms to a scalar unless asked for None. The mean of no terms is NaN. Losses do not broadcast:
// expand what models in leading axes share.

/// (prediction - target)^2 of two tensors of one shape.
Tensor mse_loss(const Tensor& prediction, const Tensor& target, Reduction reduction = Reduction::Mean);

/// mask * (prediction - target)^2, all of one shape; MeanObserved divides by sum(mask). Where the mask is 0, an entry
/// counts for nothing in the loss and has gradient 0, even if it is infinite or NaN. A mask whose sum is 0 is an Error
/// under MeanObserved, at a replay too. No gradient flows to the mask.
Tensor masked_mse_loss(const Tensor& prediction, const Tensor& target, const Tensor& mask,
                       Reduction reduction = Reduction::MeanObserved);

/// |prediction - target| of two tensors of one shape, with gradient 0 where they are equal.
Tensor l1_loss(const Tensor& prediction, const Tensor& target, Reduction reduction = Reduction::Mean);

/// With d = prediction - target, d^2 / (2 beta) where |d| < beta, |d| - beta / 2 elsewhere; beta >= 0, and 0 gives
/// l1_loss. Second derivatives are 0 from |d| = beta on.
Tensor smooth_l1_loss(const Tensor& prediction, const Tensor& target, double beta = 1.0,
                      Reduction reduction = Reduction::Mean);

/// With d = prediction - target, d^2 / 2 where |d| < delta, delta (|d| - delta / 2) elsewhere (Huber 1964); delta > 0.
/// Second derivatives are 0 from |d| = delta on.
Tensor huber_loss(const Tensor& prediction, const Tensor& target, double delta = 1.0,
                  Reduction reduction = Reduction::Mean);

/// (<X_n, w> - y_n)^2 of measurements X [count, ...] with w's shape behind the count and values y [count]: matrix
/// sensing. Models w [models..., ...] share the measurements; their values are [count] or [models..., count].
Tensor sensing_loss(const Tensor& w, const Tensor& measurements, const Tensor& values,
                    Reduction reduction = Reduction::Mean);

/// log(1 + exp(x)) - x y of logits x and targets y of one shape: the cross-entropy of sigmoid(x), to rounding where it
/// is small too. An infinite logit costs 0 where the target is its class, else infinity.
Tensor bce_with_logits(const Tensor& logits, const Tensor& targets, Reduction reduction = Reduction::Mean);

/// p (log p - x) of probabilities p (`target`) and logarithms of probabilities x, of one shape: the terms of the
/// Kullback-Leibler divergence. Where p is 0 the term and the gradient in x are 0, and the gradient in p is -infinity.
/// Mean is over all entries; the mean over rows is `kl_div(x, p, Reduction::None).sum(-1).mean()`.
Tensor kl_div(const Tensor& log_probabilities, const Tensor& target, Reduction reduction = Reduction::Mean);

struct CrossEntropyOptions {
  Tensor weight{};               // [classes], of the logits' dtype: what a class counts; undefined: 1
  double label_smoothing = 0.0;  // in [0, 1]: the share of each label that goes to all classes equally
  Reduction reduction = Reduction::Mean;
};

/// -log_softmax(row)[label] of each row of logits [..., batch, classes], to rounding where it is small too. Labels are
/// one for each row, or [batch], shared by models in leading axes. A class masked by -inf has gradient 0; a label there
/// costs infinity, and so does any in a row of -inf alone. A captured step keeps the labels of its captured call.
Tensor cross_entropy(const Tensor& logits, std::span<const std::int64_t> labels, Reduction reduction = Reduction::Mean);
inline Tensor cross_entropy(const Tensor& logits, std::initializer_list<std::int64_t> labels,
                            Reduction reduction = Reduction::Mean) {
  return cross_entropy(logits, std::span(labels.begin(), labels.size()), reduction);
}

/// Takes the labels as whole numbers in a tensor, [..., batch] or [batch]: a captured step reads them at every call.
/// Labels of the logits' own shape are probabilities p: -sum(p * log_softmax(row)), with gradients for both.
Tensor cross_entropy(const Tensor& logits, const Tensor& labels, Reduction reduction = Reduction::Mean);

/// `cross_entropy(logits, labels, {.label_smoothing = 0.1})`. A row with label l counts weight[l] times, and Mean
/// divides by the sum of those; with smoothing e it is (1 - e) times the label's term and e times the mean over all
/// classes of their terms, each by its own weight. Probabilities are smoothed as labels are, a class k's term counts
/// weight[k] times, and Mean divides by the number of rows. All as PyTorch's.
Tensor cross_entropy(const Tensor& logits, const Tensor& labels, const CrossEntropyOptions& options);
Tensor cross_entropy(const Tensor& logits, std::span<const std::int64_t> labels, const CrossEntropyOptions& options);
inline Tensor cross_entropy(const Tensor& logits, std::initializer_list<std::int64_t> labels,
                            const CrossEntropyOptions& options) {
  return cross_entropy(logits, std::span(labels.begin(), labels.size()), options);
}

/// -x[label] of each row of x [..., batch, classes]: cross_entropy of logarithms of probabilities. Labels as there.
Tensor nll_loss(const Tensor& log_probabilities, std::span<const std::int64_t> labels,
                Reduction reduction = Reduction::Mean);
inline Tensor nll_loss(const Tensor& log_probabilities, std::initializer_list<std::int64_t> labels,
                       Reduction reduction = Reduction::Mean) {
  return nll_loss(log_probabilities, std::span(labels.begin(), labels.size()), reduction);
}
Tensor nll_loss(const Tensor& log_probabilities, const Tensor& labels, Reduction reduction = Reduction::Mean);

}  // namespace sigmagrad
