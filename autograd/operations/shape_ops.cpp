// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/operations/shape_ops.hpp>

#include <algorithm>
#include <numeric>

#include <fmt/ranges.h>

#include <sigmagrad/autograd/graph/make_node.hpp>
#include <sigmagrad/autograd/kernels/access.hpp>
#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/kernels/strided.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {

using namespace engine;

namespace {

// A copy whose entry i lies at `strides` in x, from `start` on.
Tensor strided_copy(const Tensor& x, const Shape& shape, const Strides& strides, std::int64_t start = 0) {
  Tensor out = make_tensor(shape, x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x) + start, shape, strides] {
      for_each_strided(shape, strides, [=](std::int64_t i, std::int64_t offset) { to[i] = from[offset]; });
    });
  });
  return out;
}

// Zeros of `shape` with x placed at `start` along `axis`: the transpose of narrow.
Tensor embed(const Tensor& x, const Shape& shape, int axis, std::int64_t start) {
  Tensor out = make_tensor(shape, x.dtype());
  const auto strides = row_major_strides(shape);
  const std::int64_t first = start * strides[static_cast<std::size_t>(axis)];
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), n = shape.numel(), inner = x.shape(), strides, first] {
      std::fill_n(to, n, T(0));
      for_each_strided(inner, strides, [=](std::int64_t i, std::int64_t offset) { to[first + offset] = from[i]; });
    });
  });
  const std::int64_t length = x.size(axis);
  return make_node<1>("embed", {&x}, std::move(out), saves_nothing,
                      [=](const Saved&, const Tensor& grad) { return grad.narrow(axis, start, length); });
}

Shape infer_size(const char* name, std::initializer_list<std::int64_t> sizes, std::int64_t numel) {
  std::vector<std::int64_t> result(sizes);
  const auto unknown = std::find(result.begin(), result.end(), -1);
  if (unknown != result.end()) {
    if (std::find(unknown + 1, result.end(), -1) != result.end())
      fail("{}: sizes may hold one -1, got [{}]", name, fmt::join(result, ", "));
    *unknown = 1;
    const std::int64_t known = Shape(result).numel();
    if (known == 0 || numel % known != 0) fail("{}: cannot infer -1: {} entries over {}", name, numel, known);
    *unknown = numel / known;
  }
  return Shape(result);
}

}  // namespace

std::int64_t Tensor::size(int axis) const { return shape()[normalize_axis("size", axis, dim())]; }

Tensor Tensor::t() const {
  if (dim() < 2) return reshape(shape());
  Tensor out(TensorImpl::snapshot_of(impl(), shape().swapped(-2, -1), true));
  return make_node<1>("t", {this}, std::move(out), saves_nothing,
                      [](const Saved&, const Tensor& grad) { return grad.t(); });
}

Tensor Tensor::transpose(int a, int b) const {
  a = normalize_axis("transpose", a, dim());
  b = normalize_axis("transpose", b, dim());
  if (std::min(a, b) == dim() - 2 && a != b) return t();
  Strides strides = row_major_strides(shape());
  std::swap(strides[static_cast<std::size_t>(a)], strides[static_cast<std::size_t>(b)]);
  return make_node<1>("transpose", {this}, strided_copy(*this, shape().swapped(a, b), strides), saves_nothing,
                      [a, b](const Saved&, const Tensor& grad) { return grad.transpose(a, b); });
}

Tensor Tensor::permute(std::initializer_list<int> axes) const {
  if (static_cast<int>(axes.size()) != dim()) fail("permute: {} axes given for {}", axes.size(), shape().str());
  std::vector<int> order;
  for (const int axis : axes) order.push_back(normalize_axis("permute", axis, dim()));
  auto sorted = order;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
    fail("permute: an axis of {} is given twice", shape().str());
  // As swaps of axes, so that the gradient rule needs no list: selection sort of the order.
  Tensor result = *this;
  std::vector<int> at(order.size());
  std::iota(at.begin(), at.end(), 0);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto from = static_cast<std::size_t>(std::find(at.begin(), at.end(), order[i]) - at.begin());
    if (from == i) continue;
    result = result.transpose(static_cast<int>(i), static_cast<int>(from));
    std::swap(at[i], at[from]);
  }
  return result.is(*this) ? reshape(shape()) : result;
}

Tensor Tensor::reshape(const Shape& target) const {
  if (target.numel() != numel()) fail("reshape: {} entries of {} do not fill {}", numel(), shape().str(), target.str());
  Tensor out(impl().transposed ? TensorImpl::reshaped_copy(impl(), target)
                               : TensorImpl::snapshot_of(impl(), target, false));
  return make_node<1>("reshape", {this}, std::move(out), saves_nothing,
                      [from = shape()](const Saved&, const Tensor& grad) { return grad.reshape(from); });
}

Tensor Tensor::reshape(std::initializer_list<std::int64_t> sizes) const {
  return reshape(infer_size("reshape", sizes, numel()));
}

Tensor Tensor::flatten(int first, int last) const {
  if (dim() == 0) return reshape({1});
  first = normalize_axis("flatten", first, dim());
  last = normalize_axis("flatten", last, dim());
  if (first > last) fail("flatten: first axis {} comes after last axis {}", first, last);
  Shape merged = shape();
  std::int64_t size = 1;
  for (int axis = first; axis <= last; ++axis, merged = merged.without(first)) size *= shape()[axis];
  return reshape(merged.inserted(first, size));
}

Tensor Tensor::squeeze() const {
  Shape result = shape();
  for (int axis = result.rank() - 1; axis >= 0; --axis)
    if (result[axis] == 1) result = result.without(axis);
  return reshape(result);
}

Tensor Tensor::squeeze(int axis) const {
  axis = normalize_axis("squeeze", axis, dim());
  return reshape(shape()[axis] == 1 ? shape().without(axis) : shape());
}

Tensor Tensor::unsqueeze(int axis) const {
  axis = normalize_axis("unsqueeze", axis, dim() + 1);
  return reshape(shape().inserted(axis, 1));
}

Tensor Tensor::expand(std::initializer_list<std::int64_t> sizes) const {
  std::vector<std::int64_t> result(sizes);
  for (std::size_t i = 0; i < result.size(); ++i) {
    const int axis = static_cast<int>(i) - static_cast<int>(result.size()) + dim();
    if (result[i] == -1 && axis >= 0) result[i] = shape()[axis];
  }
  return expand(Shape(result));
}

Tensor Tensor::expand(const Shape& target) const {
  if (target == shape()) return reshape(target);
  if (broadcast_shapes("expand", shape(), target) != target)
    fail("expand: {} does not broadcast to {}", shape().str(), target.str());
  const auto own = row_major_strides(shape());
  Strides strides{};
  for (int axis = 1; axis <= dim(); ++axis)
    if (shape()[-axis] != 1)
      strides[static_cast<std::size_t>(target.rank() - axis)] = own[static_cast<std::size_t>(dim() - axis)];
  return make_node<1>("expand", {this}, strided_copy(*this, target, strides), saves_nothing,
                      [from = shape()](const Saved&, const Tensor& grad) { return sum_to(grad, from); });
}

Tensor Tensor::narrow(int axis, std::int64_t start, std::int64_t length) const {
  axis = normalize_axis("narrow", axis, dim());
  if (start < 0 || length < 0 || start > shape()[axis] || length > shape()[axis] - start)
    fail("narrow: {} entries from {} are out of range for axis {} of {}", length, start, axis, shape().str());
  const auto strides = row_major_strides(shape());
  return make_node<1>(
      "narrow", {this},
      strided_copy(*this, shape().with(axis, length), strides, start * strides[static_cast<std::size_t>(axis)]),
      saves_nothing, [=, from = shape()](const Saved&, const Tensor& grad) { return embed(grad, from, axis, start); });
}

Tensor Tensor::select(int axis, std::int64_t index) const {
  axis = normalize_axis("select", axis, dim());
  const std::int64_t at = index < 0 ? index + shape()[axis] : index;
  if (at < 0 || at >= shape()[axis])
    fail("select: index {} is out of range for axis {} of {}", index, axis, shape().str());
  return narrow(axis, at, 1).squeeze(axis);
}

}  // namespace sigmagrad
