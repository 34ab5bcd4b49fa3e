// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/operations/shape_ops.hpp>

#include <algorithm>
#include <numeric>

#include <fmt/ranges.h>

#include <sigmagrad/autograd/graph/make_node.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/strided_copy.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {

using namespace engine;

namespace {

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

Tensor t(const Tensor& x) {
  if (x.dim() < 2) return reshape(x, x.shape());
  Tensor out(TensorImpl::snapshot_of(x.impl(), x.shape().swapped(-2, -1), true));
  out.impl().part = Part::Shared;
  return make_node<1>("t", {&x}, std::move(out), saves_nothing,
                      [](const Saved&, const Tensor& grad) { return t(grad); });
}

Tensor transpose(const Tensor& x, int a, int b) {
  a = normalize_axis("transpose", a, x.dim());
  b = normalize_axis("transpose", b, x.dim());
  if (std::min(a, b) == x.dim() - 2 && a != b) return t(x);
  Strides strides = row_major_strides(x.shape());
  std::swap(strides[static_cast<std::size_t>(a)], strides[static_cast<std::size_t>(b)]);
  return make_node<1>("transpose", {&x}, as_part(strided_copy(x, x.shape().swapped(a, b), strides)), saves_nothing,
                      [a, b](const Saved&, const Tensor& grad) { return transpose(grad, a, b); });
}

namespace {

using Order = std::array<int, Shape::max_rank>;  // of the axes; those that a tensor does not have are 0

Order inverse(const Order& order, int rank) {
  Order result{};
  for (int i = 0; i < rank; ++i) result[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])] = i;
  return result;
}

Tensor permuted(const Tensor& x, const Order& order) {
  const int rank = x.dim();
  const auto end = order.begin() + rank;
  if (std::is_sorted(order.begin(), end)) return reshape(x, x.shape());
  if (rank >= 2 && std::is_sorted(order.begin(), end - 2) && end[-2] == rank - 1 && end[-1] == rank - 2) return t(x);
  const Strides from = row_major_strides(x.shape());
  Strides strides{};
  Shape shape = x.shape();
  for (int i = 0; i < rank; ++i) {
    const int axis = order[static_cast<std::size_t>(i)];
    strides[static_cast<std::size_t>(i)] = from[static_cast<std::size_t>(axis)];
    shape = shape.with(i, x.shape()[axis]);
  }
  return make_node<1>("permute", {&x}, as_part(strided_copy(x, shape, strides)), saves_nothing,
                      [back = inverse(order, rank)](const Saved&, const Tensor& grad) { return permuted(grad, back); });
}

}  // namespace

Tensor permute(const Tensor& x, std::initializer_list<int> axes) {
  return permute(x, std::span<const int>(axes.begin(), axes.size()));
}

Tensor permute(const Tensor& x, std::span<const int> axes) {
  if (std::ssize(axes) != x.dim()) fail("permute: {} axes given for {}", axes.size(), x.shape().str());
  Order order{};
  unsigned seen = 0;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    order[i] = normalize_axis("permute", axes[i], x.dim());
    const unsigned bit = 1u << order[i];
    if (seen & bit) fail("permute: an axis of {} is given twice", x.shape().str());
    seen |= bit;
  }
  return permuted(x, order);
}

Tensor reshape(const Tensor& x, const Shape& shape) {
  if (shape.numel() != x.numel())
    fail("reshape: {} entries of {} do not fill {}", x.numel(), x.shape().str(), shape.str());
  Tensor out(x.impl().transposed ? TensorImpl::reshaped_copy(x.impl(), shape)
                                 : TensorImpl::snapshot_of(x.impl(), shape, false));
  out.impl().part = x.impl().part == Part::Copied ? Part::Copied : Part::Shared;
  return make_node<1>("reshape", {&x}, std::move(out), saves_nothing,
                      [from = x.shape()](const Saved&, const Tensor& grad) { return reshape(grad, from); });
}

Tensor reshape(const Tensor& x, std::initializer_list<std::int64_t> sizes) {
  return reshape(x, infer_size("reshape", sizes, x.numel()));
}

Tensor flatten(const Tensor& x, int first, int last) {
  if (x.dim() == 0) return reshape(x, Shape{1});
  first = normalize_axis("flatten", first, x.dim());
  last = normalize_axis("flatten", last, x.dim());
  if (first > last) fail("flatten: first axis {} comes after last axis {}", first, last);
  Shape merged = x.shape();
  std::int64_t size = 1;
  for (int axis = first; axis <= last; ++axis, merged = merged.without(first)) size *= x.shape()[axis];
  return reshape(x, merged.inserted(first, size));
}

Tensor squeeze(const Tensor& x) {
  Shape result = x.shape();
  for (int axis = result.rank() - 1; axis >= 0; --axis)
    if (result[axis] == 1) result = result.without(axis);
  return reshape(x, result);
}

Tensor squeeze(const Tensor& x, int axis) {
  axis = normalize_axis("squeeze", axis, x.dim());
  return reshape(x, x.shape()[axis] == 1 ? x.shape().without(axis) : x.shape());
}

Tensor unsqueeze(const Tensor& x, int axis) {
  axis = normalize_axis("unsqueeze", axis, x.dim() + 1);
  return reshape(x, x.shape().inserted(axis, 1));
}

Tensor expand(const Tensor& x, std::initializer_list<std::int64_t> sizes) {
  std::vector<std::int64_t> result(sizes);
  for (std::size_t i = 0; i < result.size(); ++i) {
    const int axis = static_cast<int>(i) - static_cast<int>(result.size()) + x.dim();
    if (result[i] == -1 && axis >= 0) result[i] = x.shape()[axis];
  }
  return expand(x, Shape(result));
}

Tensor expand(const Tensor& x, const Shape& shape) {
  if (shape == x.shape()) return reshape(x, shape);
  if (broadcast_shapes("expand", x.shape(), shape) != shape)
    fail("expand: {} does not broadcast to {}", x.shape().str(), shape.str());
  const auto own = row_major_strides(x.shape());
  Strides strides{};
  for (int axis = 1; axis <= x.dim(); ++axis)
    if (x.shape()[-axis] != 1)
      strides[static_cast<std::size_t>(shape.rank() - axis)] = own[static_cast<std::size_t>(x.dim() - axis)];
  return make_node<1>("expand", {&x}, as_part(strided_copy(x, shape, strides)), saves_nothing,
                      [from = x.shape()](const Saved&, const Tensor& grad) { return sum_to(grad, from); });
}

}  // namespace sigmagrad
