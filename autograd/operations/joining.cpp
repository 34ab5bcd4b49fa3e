// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <numeric>

#include <sigmagrad/autograd/graph/make_node.hpp>
#include <sigmagrad/autograd/kernels/map.hpp>
#include <sigmagrad/autograd/kernels/reduce.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/operations/strided_copy.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {

using namespace engine;

namespace {

Tensor joined(const Tensor& a, const Tensor& b, int axis) {
  const std::int64_t na = a.size(axis), nb = b.size(axis);
  Tensor out = make_tensor(a.shape().with(axis, na + nb), a.dtype());
  const AxisView view(out.shape(), axis);
  dispatch(a.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), x = read<T>(a), y = read<T>(b), view, wa = na * view.inner, wb = nb * view.inner] {
      parallel_for(view.outer, grain_of(wa + wb), [&](std::int64_t row, std::int64_t end) {
        for (; row < end; ++row) {
          std::copy_n(x + row * wa, wa, to + row * (wa + wb));
          std::copy_n(y + row * wb, wb, to + row * (wa + wb) + wa);
        }
      });
    });
  });
  return make_node<2>(
      "cat", {&a, &b}, std::move(out), saves_nothing,
      [axis, na](const Saved&, const Tensor& grad) { return grad.narrow(axis, 0, na); },
      [axis, na, nb](const Saved&, const Tensor& grad) { return grad.narrow(axis, na, nb); });
}

// Halves, joined: each is one two-input operation with an exact rule, and an entry of n tensors is copied log2(n)
// times.
Tensor joined(std::span<const Tensor> tensors, int axis) {
  if (tensors.size() == 1) return tensors.front();
  const std::size_t half = (tensors.size() + 1) / 2;
  return joined(joined(tensors.first(half), axis), joined(tensors.subspan(half), axis), axis);
}

}  // namespace

Tensor cat(const std::vector<Tensor>& tensors, int axis) {
  if (tensors.empty()) fail("cat: needs at least one tensor");
  const Tensor& first = tensors.front();
  axis = normalize_axis("cat", axis, first.dim());
  for (const Tensor& other : tensors) {
    check_same_dtype("cat", first, other);
    if (other.dim() != first.dim() || other.shape().with(axis, 1) != first.shape().with(axis, 1))
      fail("cat: shapes differ off axis {}: {} and {}", axis, first.shape().str(), other.shape().str());
  }
  if (tensors.size() == 1) return first.reshape(first.shape());
  return joined(tensors, axis);
}

Tensor stack(const std::vector<Tensor>& tensors, int axis) {
  if (tensors.empty()) fail("stack: needs at least one tensor");
  axis = normalize_axis("stack", axis, tensors.front().dim() + 1);
  std::vector<Tensor> rows;
  for (const auto& tensor : tensors) {
    check_same_dtype("stack", tensors.front(), tensor);
    if (tensor.shape() != tensors.front().shape())
      fail("stack: shapes differ: {} and {}", tensors.front().shape().str(), tensor.shape().str());
    rows.push_back(tensor.unsqueeze(axis));
  }
  return cat(rows, axis);
}

namespace {

// The axes given, a bit each.
using AxisSet = unsigned;

Tensor flipped(const Tensor& x, AxisSet axes) {
  Strides strides = row_major_strides(x.shape());
  std::int64_t last = 0;
  for (int axis = 0; axis < x.dim(); ++axis) {
    if (!(axes >> axis & 1)) continue;
    std::int64_t& stride = strides[static_cast<std::size_t>(axis)];
    last += stride * (x.shape()[axis] - 1);
    stride = -stride;
  }
  return make_node<1>("flip", {&x}, strided_copy(x, x.shape(), strides, x.numel() == 0 ? 0 : last), saves_nothing,
                      [axes](const Saved&, const Tensor& grad) { return flipped(grad, axes); });
}

}  // namespace

Tensor flip(const Tensor& x, std::initializer_list<int> axes) {
  AxisSet set = 0;
  for (const int axis : axes) {
    const AxisSet bit = 1u << normalize_axis("flip", axis, x.dim());
    if (set & bit) fail("flip: axis {} of {} is given twice", axis, x.shape().str());
    set |= bit;
  }
  return flipped(x, set);
}

Tensor flip(const Tensor& x, int axis) { return flip(x, {axis}); }

Tensor roll(const Tensor& x, std::int64_t shift, int axis) {
  axis = normalize_axis("roll", axis, x.dim());
  const std::int64_t n = x.shape()[axis], around = n == 0 ? 0 : shift % n, first = around < 0 ? around + n : around;
  if (first == 0) return reshape(x, x.shape());
  return cat({narrow(x, axis, n - first, first), narrow(x, axis, 0, n - first)}, axis);
}

Tensor repeat(const Tensor& x, const Shape& counts) {
  const int added = counts.rank() - x.dim();
  if (added < 0) fail("repeat: needs a count for each axis of {}, got {}", x.shape().str(), counts.str());
  Shape shape = x.shape();
  for (int i = 0; i < added; ++i) shape = shape.inserted(0, 1);
  Tensor result = reshape(x, shape);
  for (int axis = counts.rank() - 1; axis >= 0; --axis) {
    if (counts[axis] == 1) continue;
    const AxisView view(result.shape(), axis);
    const Shape whole = result.shape().with(axis, counts[axis] * view.n);
    const Tensor once = reshape(result, Shape{view.outer, 1, view.n * view.inner});
    result = reshape(expand(once, Shape{view.outer, counts[axis], view.n * view.inner}), whole);
  }
  return result;
}

std::vector<Tensor> meshgrid(const std::vector<Tensor>& vectors, Indexing indexing) {
  if (vectors.empty()) fail("meshgrid: needs at least one vector");
  Shape grid;
  for (const Tensor& vector : vectors) {
    check_same_dtype("meshgrid", vectors.front(), vector);
    if (vector.dim() > 1) fail("meshgrid: needs vectors, got {}", vector.shape().str());
    grid = grid.inserted(grid.rank(), vector.numel());
  }
  std::vector<Tensor> coordinates;
  for (int axis = 0; axis < grid.rank(); ++axis) {
    Shape own = grid;
    for (int other = 0; other < grid.rank(); ++other)
      if (other != axis) own = own.with(other, 1);
    const Tensor whole = expand(reshape(vectors[static_cast<std::size_t>(axis)], own), grid);
    coordinates.push_back(indexing == Indexing::XY && grid.rank() > 1 ? transpose(whole, 0, 1) : whole);
  }
  return coordinates;
}

}  // namespace sigmagrad
