// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include <sigmagrad/autograd/graph/make_node.hpp>
#include <sigmagrad/autograd/kernels/loops.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/operations/strided_copy.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {

using namespace engine;

namespace {

// Entries start, start + step, ... of an axis.
struct Run {
  int axis;
  std::int64_t start, step;

  std::int64_t first(const Strides& strides) const { return start * strides[static_cast<std::size_t>(axis)]; }
  Strides over(Strides strides) const {
    strides[static_cast<std::size_t>(axis)] *= step;
    return strides;
  }
};

Tensor entries_of(const char* name, const Tensor& x, const Run& run, std::int64_t length);

// Zeros of `shape` with x placed on a run of them: the transpose of `entries_of`.
Tensor embed(const char* name, const Tensor& x, const Shape& shape, const Run& run) {
  Tensor out = make_tensor(shape, x.dtype());
  const auto strides = row_major_strides(shape);
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), n = shape.numel(), inner = x.shape(), over = run.over(strides),
            first = run.first(strides)] {
      fill_entries(to, n, T(0));
      for_each_strided(inner, over, [=](std::int64_t i, std::int64_t offset) { to[first + offset] = from[i]; });
    });
  });
  return make_node<1>("embed", {&x}, std::move(out), saves_nothing,
                      [name, run, length = x.size(run.axis)](const Saved&, const Tensor& grad) {
                        return entries_of(name, grad, run, length);
                      });
}

Tensor entries_of(const char* name, const Tensor& x, const Run& run, std::int64_t length) {
  const auto strides = row_major_strides(x.shape());
  return make_node<1>(
      name, {&x}, as_part(strided_copy(x, x.shape().with(run.axis, length), run.over(strides), run.first(strides))),
      saves_nothing,
      [name, run, from = x.shape()](const Saved&, const Tensor& grad) { return embed(name, grad, from, run); });
}

// A bound of a slice as Python reads it.
std::int64_t cut_to(std::int64_t n, std::int64_t bound) {
  return std::clamp<std::int64_t>(bound < 0 ? bound + n : bound, 0, n);
}

}  // namespace

Tensor narrow(const Tensor& x, int axis, std::int64_t start, std::int64_t length) {
  axis = normalize_axis("narrow", axis, x.dim());
  if (start < 0 || length < 0 || start > x.shape()[axis] || length > x.shape()[axis] - start)
    fail("narrow: {} entries from {} are out of range for axis {} of {}", length, start, axis, x.shape().str());
  return entries_of("narrow", x, {axis, start, 1}, length);
}

Tensor select(const Tensor& x, int axis, std::int64_t index) {
  axis = normalize_axis("select", axis, x.dim());
  const std::int64_t at = index < 0 ? index + x.shape()[axis] : index;
  if (at < 0 || at >= x.shape()[axis])
    fail("select: index {} is out of range for axis {} of {}", index, axis, x.shape().str());
  return squeeze(narrow(x, axis, at, 1), axis);
}

Tensor slice(const Tensor& x, int axis, std::int64_t start, std::int64_t stop, std::int64_t step) {
  axis = normalize_axis("slice", axis, x.dim());
  if (step < 1) fail("slice: step must be >= 1 (got {})", step);
  const std::int64_t first = cut_to(x.shape()[axis], start), end = cut_to(x.shape()[axis], stop);
  const std::int64_t length = end > first ? (end - first - 1) / step + 1 : 0;
  return entries_of("slice", x, {axis, first, length > 1 ? step : 1}, length);
}

TensorList split(const Tensor& x, std::int64_t size, int axis) {
  axis = normalize_axis("split", axis, x.dim());
  if (size < 1) fail("split: size must be >= 1 (got {})", size);
  const std::int64_t n = x.shape()[axis];
  std::vector<Tensor> pieces;
  for (std::int64_t start = 0; start < n || pieces.empty();) {
    const std::int64_t length = std::min(size, n - start);
    pieces.push_back(narrow(x, axis, start, length));
    start += length;
  }
  return pieces;
}

TensorList chunk(const Tensor& x, std::int64_t chunks, int axis) {
  axis = normalize_axis("chunk", axis, x.dim());
  if (chunks < 1) fail("chunk: chunks must be >= 1 (got {})", chunks);
  const std::int64_t n = x.shape()[axis];
  if (n > 0) return split(x, (n - 1) / chunks + 1, axis);
  std::vector<Tensor> pieces;
  for (std::int64_t i = 0; i < chunks; ++i) pieces.push_back(narrow(x, axis, 0, 0));
  return pieces;
}

TensorList unbind(const Tensor& x, int axis) {
  axis = normalize_axis("unbind", axis, x.dim());
  std::vector<Tensor> entries;
  for (std::int64_t i = 0; i < x.shape()[axis]; ++i) entries.push_back(select(x, axis, i));
  return entries;
}

}  // namespace sigmagrad
