// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad {

// f(x) reduces every entry to a scalar; f(x, axis) one axis, which stays with size 1 if `keepdim`. Negative axes count
// from the end.
//
// A sum of n entries has one order, which depends on n and on whether its axis is the last: the bits are the same
// wherever the entries stand. It is pairwise over blocks, so that its error is at most 64 + log2(n) roundings in f32
// and 512 + log2(n) in f64, of sum(|x|). So are sums inside other functions: means, losses, gradients of what was
// broadcast.

/// Over every entry, one axis, or several, one after the other from the last.
Tensor sum(const Tensor& x);
Tensor sum(const Tensor& x, int axis, bool keepdim = false);
Tensor sum(const Tensor& x, std::initializer_list<int> axes, bool keepdim = false);
/// The sum over the number of entries.
Tensor mean(const Tensor& x);
Tensor mean(const Tensor& x, int axis, bool keepdim = false);
Tensor mean(const Tensor& x, std::initializer_list<int> axes, bool keepdim = false);
/// Sum of squared deviations over (n - correction), PyTorch's default of 1 being the unbiased estimate. Error where n
/// is not more than the correction. Accurate for entries with a large mean, which are compared with the first one
/// before anything is rounded. Beside an entry that is infinite or NaN, value and gradient are NaN.
Tensor var(const Tensor& x);
Tensor var(const Tensor& x, int axis, bool keepdim = false, int correction = 1);
/// The root of the variance, which holds for entries of any size. Where all entries are equal, its gradient is taken as
/// 0.
Tensor std(const Tensor& x);
Tensor std(const Tensor& x, int axis, bool keepdim = false, int correction = 1);
/// Values only; NaN if an entry is. Tied entries, and all that are NaN, share the gradient equally; the others have
/// gradient 0 whatever flows back. An empty axis is an Error.
Tensor max(const Tensor& x);
Tensor max(const Tensor& x, int axis, bool keepdim = false);
Tensor min(const Tensor& x);
Tensor min(const Tensor& x, int axis, bool keepdim = false);
/// Position of the first largest entry (in the flattened tensor without an axis), as f64. No gradient.
Tensor argmax(const Tensor& x);
Tensor argmax(const Tensor& x, int axis, bool keepdim = false);
/// Position of the first smallest entry, likewise.
Tensor argmin(const Tensor& x);
Tensor argmin(const Tensor& x, int axis, bool keepdim = false);
/// The middle one of the entries in rising order, the lower of two; NaN if an entry is. Ties share the gradient as in
/// `max`. An empty axis is an Error.
Tensor median(const Tensor& x);
Tensor median(const Tensor& x, int axis, bool keepdim = false);
/// The entry at q (n - 1) of the entries in rising order, counted from 0, or where that is between two the number in
/// proportion between them; NaN if an entry is. Ties share the gradient. A list of q gives a new first axis. Error
/// unless 0 <= q <= 1, or for an empty axis.
Tensor quantile(const Tensor& x, double q);
Tensor quantile(const Tensor& x, double q, int axis, bool keepdim = false);
Tensor quantile(const Tensor& x, std::span<const double> q);
Tensor quantile(const Tensor& x, std::span<const double> q, int axis, bool keepdim = false);
Tensor quantile(const Tensor& x, std::initializer_list<double> q);
Tensor quantile(const Tensor& x, std::initializer_list<double> q, int axis, bool keepdim = false);
/// 1 if any entry, if every entry is not 0, else 0; in x's dtype. NaN is not 0. No gradient.
Tensor any(const Tensor& x);
Tensor any(const Tensor& x, int axis, bool keepdim = false);
Tensor all(const Tensor& x);
Tensor all(const Tensor& x, int axis, bool keepdim = false);
/// The product of the entries, multiplied in their order, in f64 for either dtype. The gradient of one is the product
/// of the others, beside zeros too.
Tensor prod(const Tensor& x);
Tensor prod(const Tensor& x, int axis, bool keepdim = false);
/// Running products along an axis, multiplied likewise.
Tensor cumprod(const Tensor& x, int axis);
/// log(sum(exp(x))), without overflow; its gradient is softmax. -inf where all entries are, with gradient 0.
Tensor logsumexp(const Tensor& x);
Tensor logsumexp(const Tensor& x, int axis, bool keepdim = false);
/// exp(x) / sum(exp(x)) and its logarithm, each exact to rounding in every entry however large or far apart the x are.
/// Entries of +inf share the 1 equally. Where all entries are -inf, softmax is 0 and log_softmax -inf.
Tensor softmax(const Tensor& x, int axis);
Tensor log_softmax(const Tensor& x, int axis);
/// Running sums along an axis, added in f64 for either dtype: each has the accuracy of a sum, and a block of 512 has
/// the bits of a plain loop.
Tensor cumsum(const Tensor& x, int axis);

namespace engine {

/// Sums over the axes that broadcasting `shape` to x's shape added or stretched: the transpose of `expand`.
Tensor sum_broadcast(const Tensor& x, const Shape& shape);
/// `sum_broadcast`, or x itself if nothing was broadcast.
inline Tensor sum_to(Tensor x, const Shape& shape) {
  if (x.shape() == shape) return x;
  return sum_broadcast(x, shape);
}
/// The axis counted from 0. Error, naming the operation, where x has no such axis or no entry along it.
int non_empty_axis(const char* operation, const Tensor& x, int axis);

}  // namespace engine
}  // namespace sigmagrad
