// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/operations/indexing.hpp>
#include <sigmagrad/autograd/tensor/tensor_list.hpp>

namespace sigmagrad {

// Every result is a value: a write to it leaves x alone. Axes may be negative, which count from the end; one that x
// does not have is an Error.

/// The last two axes swapped, without a copy; a vector or a scalar as it is.
Tensor t(const Tensor& x);
/// Two axes swapped.
Tensor transpose(const Tensor& x, int a, int b);
/// Axis i of the result is axis axes[i] of x. Each axis must be given once.
Tensor permute(const Tensor& x, std::initializer_list<int> axes);
Tensor permute(const Tensor& x, std::span<const int> axes);
/// The entries in their order under another shape of as many entries. One size may be -1: it is inferred.
Tensor reshape(const Tensor& x, std::initializer_list<std::int64_t> sizes);
Tensor reshape(const Tensor& x, const Shape& shape);
/// Axes `first` to `last` merged into one; a scalar becomes [1].
Tensor flatten(const Tensor& x, int first = 0, int last = -1);
/// Without the axes of size 1.
Tensor squeeze(const Tensor& x);
/// Without this axis if its size is 1.
Tensor squeeze(const Tensor& x, int axis);
/// A new axis of size 1.
Tensor unsqueeze(const Tensor& x, int axis);
/// x broadcast to a shape: axes are added in front, and those of size 1 repeated. A size of -1 keeps x's own.
Tensor expand(const Tensor& x, std::initializer_list<std::int64_t> sizes);
Tensor expand(const Tensor& x, const Shape& shape);

/// Entry `index` of an axis, which goes. A negative index counts from the end; one that is out of range is an Error.
Tensor select(const Tensor& x, int axis, std::int64_t index);
/// `length` entries of an axis from `start` on. Error where they are not all there.
Tensor narrow(const Tensor& x, int axis, std::int64_t start, std::int64_t length);
/// Entries start, start + step, ... of an axis, below `stop`. As in Python, negative bounds count from the end, and
/// both are cut to the axis, so that a stop of INT64_MAX is its end. A step below 1 is an Error: see `flip`.
Tensor slice(const Tensor& x, int axis, std::int64_t start, std::int64_t stop, std::int64_t step = 1);
/// Pieces of `size` entries along an axis; the last one holds what is left. Of an empty axis, one empty piece.
TensorList split(const Tensor& x, std::int64_t size, int axis = 0);
/// At most `chunks` pieces of an axis, all but the last of ceil(n / chunks) entries: 5 entries in 4 chunks are 3
/// pieces. Of an empty axis, as many empty pieces as asked.
TensorList chunk(const Tensor& x, std::int64_t chunks, int axis = 0);
/// Every entry of an axis, which goes.
TensorList unbind(const Tensor& x, int axis = 0);

/// Entries in reverse order along the axes given.
Tensor flip(const Tensor& x, std::initializer_list<int> axes);
Tensor flip(const Tensor& x, int axis);
/// Entry i of an axis moves to i + shift, around the end. The shift may be negative or longer than the axis.
Tensor roll(const Tensor& x, std::int64_t shift, int axis);
/// x again and again, counts[i] times along axis i. More counts than axes add axes in front; fewer are an Error.
Tensor repeat(const Tensor& x, const Shape& counts);

/// Joins tensors that agree in every other axis; `stack` adds a new axis for it.
Tensor cat(const std::vector<Tensor>& tensors, int axis = 0);
Tensor stack(const std::vector<Tensor>& tensors, int axis = 0);

/// Which axis of a grid its first coordinate runs along: IJ the first, XY the second.
enum class Indexing { IJ, XY };
/// Coordinates of a grid: vectors [n_0], ..., [n_k] become k + 1 tensors [n_0, ..., n_k], the i-th of which depends on
/// axis i alone. A scalar stands for a vector of one entry. Under XY the first two axes are swapped.
std::vector<Tensor> meshgrid(const std::vector<Tensor>& vectors, Indexing indexing = Indexing::IJ);

/// The diagonal of a matrix [m, n], or the diagonal matrix of a vector [n]. `diagonal` and `diag_embed` take batches.
Tensor diag(const Tensor& x);
/// The diagonal of each matrix: [..., m, n] -> [..., min(m, n)].
Tensor diagonal(const Tensor& x);
/// The diagonal matrix of each vector: [..., n] -> [..., n, n].
Tensor diag_embed(const Tensor& x);
/// Sum of the diagonal of each matrix: [..., m, n] -> [...].
Tensor trace(const Tensor& x);
/// Each matrix [..., m, n] with zeros above (`tril`) or below (`triu`) a diagonal, whatever stands there: 0 is the main
/// one, a positive number one further right. The entries left out have gradient 0.
Tensor tril(const Tensor& x, std::int64_t diagonal = 0);
Tensor triu(const Tensor& x, std::int64_t diagonal = 0);

}  // namespace sigmagrad
