// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/nn/detail/image_bounds.hpp>

#include <cmath>
#include <numeric>
#include <vector>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/operations/windows.hpp>
#include <sigmagrad/linalg/norms.hpp>

namespace sigmagrad::nn::detail {
namespace {

double product(const Pair& pair) { return static_cast<double>(pair.h * pair.w); }

// The most windows that one place can be in: of the taps that lie `dilation` apart, those meet it whose windows begin
// at multiples of the stride.
std::int64_t overlaps(std::int64_t taps, std::int64_t stride, std::int64_t dilation) {
  const std::int64_t every = stride / std::gcd(stride, dilation);
  return (taps + every - 1) / every;
}

double overlaps(const Pair& window, const Pair& stride, const Pair& dilation) {
  return static_cast<double>(overlaps(window.h, stride.h, dilation.h) * overlaps(window.w, stride.w, dilation.w));
}

}  // namespace

// An image that is padded by zeros is part of an unbounded one, and every position of the kernel there a row of it. At
// each frequency the unbounded convolution is a sum of the kernel's k = kh kw matrices with phases: a product of any of
// the four reshapes with two vectors of phases, whose lengths multiply to sqrt(k).
Tensor convolution_bound(const Tensor& kernels, const sigmagrad::Conv2dOptions& options) {
  const int models = kernels.dim() - 4;
  const std::int64_t out = kernels.size(-4) / options.groups, in = kernels.size(-3);
  const Pair kernel(kernels.size(-2), kernels.size(-1));
  Shape shape = kernels.shape().head(models);
  for (const auto size : {options.groups, out, in, kernel.h, kernel.w}) shape = shape.inserted(shape.rank(), size);
  const Tensor each = kernels.reshape(shape);  // [models..., groups, out, in, kh, kw]
  // The norm of the matrix whose rows are the first two of these axes, counted from the end.
  const auto norm = [&](int a, int b, int c, int d, std::int64_t rows, std::int64_t columns) {
    std::vector<int> axes(static_cast<std::size_t>(models + 1));
    std::iota(axes.begin(), axes.end(), 0);
    for (const int axis : {a, b, c, d}) axes.push_back(models + 1 + axis);
    const Shape matrices = shape.head(models + 1).inserted(models + 1, rows).inserted(models + 2, columns);
    return linalg::norm(each.permute(axes).reshape(matrices), 2);
  };
  const double all = std::sqrt(product(kernel));
  const Tensor rows = norm(0, 1, 2, 3, out, in * kernel.h * kernel.w);
  Tensor least = std::sqrt(overlaps(kernel, options.stride, options.dilation)) * rows;
  least = minimum(least, all * norm(1, 0, 2, 3, in, out * kernel.h * kernel.w));
  least = minimum(least, all * norm(0, 2, 1, 3, out * kernel.h, in * kernel.w));
  least = minimum(least, all * norm(0, 3, 1, 2, out * kernel.w, in * kernel.h));
  return max(least, -1);  // groups work on channels of their own
}

double pool_bound(const MaxPool2d& pool) {
  const auto moving = engine::pool_window("MaxPool2d", pool.window(), pool.options());
  return std::sqrt(overlaps(moving.size, moving.stride, moving.dilation));
}

// By rows, whose sums are at most 1, and columns. Where padding does not count, a window may hold a single entry.
double pool_bound(const AvgPool2d& pool) {
  const auto moving = engine::pool_window("AvgPool2d", pool.window(), pool.options());
  const double entries = pool.options().count_include_pad || moving.padding == Pair(0) ? product(moving.size) : 1.0;
  return std::sqrt(overlaps(moving.size, moving.stride, 1) / entries);
}

}  // namespace sigmagrad::nn::detail
