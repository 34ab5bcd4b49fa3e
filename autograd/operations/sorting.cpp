// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/operations/sorting.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <sigmagrad/autograd/kernels/reduce.hpp>
#include <sigmagrad/autograd/memory/scratch.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {

using namespace engine;

namespace {

// Writes the positions of the first `count` entries of a column in its order, `stride` apart. NaN counts as larger than
// any number, and equal entries keep their order, so that no two positions tie.
template <class T>
void first_in_order(double* out, const T* column, std::int64_t* order, const AxisView& view, std::int64_t count,
                    bool descending) {
  const auto less = [](T a, T b) { return a < b || (!std::isnan(a) && std::isnan(b)); };
  std::iota(order, order + view.n, std::int64_t{0});
  std::partial_sort(order, order + count, order + view.n, [=](std::int64_t i, std::int64_t j) {
    const T a = column[i], b = column[j];
    return descending ? less(b, a) || (!less(a, b) && i < j) : less(a, b) || (!less(b, a) && i < j);
  });
  for (std::int64_t k = 0; k < count; ++k) out[k * view.inner] = static_cast<double>(order[k]);
}

// The positions of the first `count` entries along the axis.
Tensor positions_in_order(const Tensor& x, int axis, std::int64_t count, bool descending) {
  Tensor out = make_tensor(x.shape().with(axis, count), f64);
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<double>(out), from = read<T>(x), view = AxisView(x.shape(), axis), count, descending] {
      const Scratch<T> column(view.n);
      const Scratch<std::int64_t> order(view.n);
      for (std::int64_t i = 0; i < view.outer; ++i)
        for (std::int64_t j = 0; j < view.inner; ++j) {
          for (std::int64_t k = 0; k < view.n; ++k) column[k] = from[(i * view.n + k) * view.inner + j];
          first_in_order(to + i * count * view.inner + j, column.data(), order.data(), view, count, descending);
        }
    });
  });
  return out;
}

SortResult with_values(const Tensor& x, int axis, Tensor indices) {
  Tensor values = gather(x, axis, indices);
  return {std::move(values), std::move(indices)};
}

}  // namespace

SortResult sort(const Tensor& x, int axis, bool descending) {
  axis = normalize_axis("sort", axis, x.dim());
  return with_values(x, axis, positions_in_order(x, axis, x.size(axis), descending));
}

Tensor argsort(const Tensor& x, int axis, bool descending) {
  axis = normalize_axis("argsort", axis, x.dim());
  return positions_in_order(x, axis, x.size(axis), descending);
}

SortResult topk(const Tensor& x, std::int64_t k, int axis, bool largest) {
  axis = normalize_axis("topk", axis, x.dim());
  if (k < 0 || k > x.size(axis))
    fail("topk: k must be from 0 to the {} entries of axis {} (got {})", x.size(axis), axis, k);
  return with_values(x, axis, positions_in_order(x, axis, k, largest));
}

}  // namespace sigmagrad
