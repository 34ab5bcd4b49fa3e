// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <type_traits>

#include <sigmagrad/autograd/graph/make_node.hpp>
#include <sigmagrad/autograd/kernels/map.hpp>
#include <sigmagrad/autograd/kernels/reduce.hpp>
#include <sigmagrad/autograd/memory/scratch.hpp>
#include <sigmagrad/autograd/operations/positions.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/autograd/tensor/whole_numbers.hpp>

namespace sigmagrad {

using namespace engine;

namespace {

Tensor joined(const Tensor& a, const Tensor& b, int axis) {
  const std::int64_t na = a.size(axis), nb = b.size(axis);
  Tensor out = make_tensor(a.shape().with(axis, na + nb), a.dtype());
  const AxisView view(out.shape(), axis);
  dispatch(a.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), x = read<T>(a), y = read<T>(b), view, wa = na * view.inner, wb = nb * view.inner] {
      for (std::int64_t row = 0; row < view.outer; ++row) {
        std::copy_n(x + row * wa, wa, to + row * (wa + wb));
        std::copy_n(y + row * wb, wb, to + row * (wa + wb) + wa);
      }
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

// Slices are x[i, index, :] around an axis; each is copied or added as one run of memory. `select_slices` and
// `add_slices`, which adds to zeros, are transposes of each other.
Tensor add_slices(const Tensor& grad, const Shape& shape, int axis, const Positions& indices);

Tensor select_slices(const Tensor& x, int axis, std::int64_t count, const Positions& indices) {
  Tensor out = make_tensor(x.shape().with(axis, count), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([o = fresh<T>(out), p = read<T>(x), view = AxisView(x.shape(), axis), indices] {
      T* to = o;
      for (std::int64_t i = 0; i < view.outer; ++i)
        for (const auto index : *indices) to = std::copy_n(p + (i * view.n + index) * view.inner, view.inner, to);
    });
  });
  return make_node<1>("index_select", {&x}, std::move(out), saves_nothing,
                      [axis, indices, whole = x.shape()](const Saved&, const Tensor& grad) {
                        return add_slices(grad, whole, axis, indices);
                      });
}

template <class T>
SIGMAGRAD_MULTIVERSION void add_slice(T* __restrict to, const T* __restrict from, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) to[i] += from[i];
}

// Adds in Kahan's way: `excess` is what rounding has added to `to` too much, and is taken off the next entry.
template <class T>
SIGMAGRAD_MULTIVERSION void add_slice(T* __restrict to, T* __restrict excess, const T* __restrict from,
                                      std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) {
    const T entry = from[i] - excess[i], sum = to[i] + entry, more = (sum - to[i]) - entry;
    excess[i] = more - more == T(0) ? more : T(0);  // not where the sum is infinite
    to[i] = sum;
  }
}

// Sets out[0], ..., out[n - 1] to the sums of what `each(add)` adds by add(offset, from, length), which may meet an
// entry `most` times. Long sums are compensated.
template <class T, class Each>
void sum_slices(T* out, std::int64_t n, std::int64_t most, Each each) {
  std::fill_n(out, n, T(0));
  constexpr std::int64_t short_sum = std::is_same_v<T, double> ? 65536 : 512;
  if (most <= short_sum)
    return each([out](std::int64_t at, const T* from, std::int64_t length) { add_slice(out + at, from, length); });
  const Scratch<T> excess(n);
  std::fill(excess.begin(), excess.end(), T(0));
  each([out, rest = excess.data()](std::int64_t at, const T* from, std::int64_t length) {
    add_slice(out + at, rest + at, from, length);
  });
}

Tensor add_slices(const Tensor& grad, const Shape& shape, int axis, const Positions& indices) {
  Tensor out = make_tensor(shape, grad.dtype());
  dispatch(grad.dtype(), [&]<class T>(T) {
    launch([o = fresh<T>(out), g = read<T>(grad), n = shape.numel(), view = AxisView(shape, axis), indices] {
      sum_slices(o, n, std::ssize(*indices), [&](auto add) {
        const T* from = g;
        for (std::int64_t i = 0; i < view.outer; ++i)
          for (const auto index : *indices) {
            add((i * view.n + index) * view.inner, from, view.inner);
            from += view.inner;
          }
      });
    });
  });
  return make_node<1>("add_slices", {&grad}, std::move(out), saves_nothing,
                      [axis, indices, count = grad.size(axis)](const Saved&, const Tensor& outer) {
                        return select_slices(outer, axis, count, indices);
                      });
}

// The transpose of `pick`, which has an index for each entry: out[i, k, j] = x[i, indices(i, k, j), j] around the axis.
Tensor scatter_add(const Tensor& grad, const Shape& shape, int axis, const Positions& indices);

Tensor pick(const Tensor& x, int axis, const Shape& shape, const Positions& indices) {
  Tensor out = make_tensor(shape, x.dtype());
  const AxisView from(x.shape(), axis), to(shape, axis);
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([o = fresh<T>(out), p = read<T>(x), from, to, indices] {
      for (std::int64_t e = 0; e < to.outer * to.n * to.inner; ++e) {
        const std::int64_t outer = e / (to.n * to.inner), inner = e % to.inner;
        o[e] = p[(outer * from.n + (*indices)[static_cast<std::size_t>(e)]) * from.inner + inner];
      }
    });
  });
  return make_node<1>("gather", {&x}, std::move(out), saves_nothing,
                      [axis, indices, whole = x.shape()](const Saved&, const Tensor& grad) {
                        return scatter_add(grad, whole, axis, indices);
                      });
}

Tensor scatter_add(const Tensor& grad, const Shape& shape, int axis, const Positions& indices) {
  Tensor out = make_tensor(shape, grad.dtype());
  const AxisView from(grad.shape(), axis), to(shape, axis);
  dispatch(grad.dtype(), [&]<class T>(T) {
    launch([o = fresh<T>(out), g = read<T>(grad), n = shape.numel(), from, to, indices] {
      sum_slices(o, n, from.n, [&](auto add) {
        for (std::int64_t e = 0; e < from.outer * from.n * from.inner; ++e) {
          const std::int64_t outer = e / (from.n * from.inner), inner = e % from.inner;
          add((outer * to.n + (*indices)[static_cast<std::size_t>(e)]) * to.inner + inner, g + e, 1);
        }
      });
    });
  });
  return make_node<1>("scatter_add", {&grad}, std::move(out), saves_nothing,
                      [axis, indices, part = grad.shape()](const Saved&, const Tensor& outer) {
                        return pick(outer, axis, part, indices);
                      });
}

std::int64_t position(const char* operation, double index, std::int64_t size, Dtype dtype) {
  if (index != std::floor(index)) fail("{}: indices must be whole numbers, got {}", operation, index);
  if (index < 0 || index >= static_cast<double>(size))
    fail("{}: index {} is out of range for an axis of {}", operation, index, size);
  const auto at = static_cast<std::int64_t>(index);
  if (at >= largest_whole(dtype))
    fail("{}: index {} may be another one, rounded: {}", operation, at, whole_range(dtype));
  return at;
}

}  // namespace

Positions engine::positions(const char* operation, const Tensor& indices, std::int64_t size) {
  auto all =
      std::allocate_shared<PositionList>(PoolAllocator<PositionList>(), static_cast<std::size_t>(indices.numel()));
  dispatch(indices.dtype(), [&]<class T>(T) {
    launch([all, from = read<T>(indices), operation, size, dtype = indices.dtype()] {
      for (std::size_t i = 0; i < all->size(); ++i)
        (*all)[i] = position(operation, static_cast<double>(from[i]), size, dtype);
    });
  });
  return all;
}

Tensor index_select(const Tensor& x, int axis, std::span<const std::int64_t> indices) {
  axis = normalize_axis("index_select", axis, x.dim());
  for (const auto index : indices)
    if (index < 0 || index >= x.size(axis))
      fail("index_select: index {} is out of range for an axis of {}", index, x.size(axis));
  return select_slices(x, axis, std::ssize(indices), positions(indices));
}

Tensor index_select(const Tensor& x, int axis, const Tensor& indices) {
  axis = normalize_axis("index_select", axis, x.dim());
  if (indices.dim() != 1) fail("index_select: indices must be [k], got {}", indices.shape().str());
  return select_slices(x, axis, indices.size(0), positions("index_select", indices, x.size(axis)));
}

Tensor gather(const Tensor& x, int axis, const Tensor& indices) {
  axis = normalize_axis("gather", axis, x.dim());
  if (indices.dim() != x.dim() || indices.shape().with(axis, 1) != x.shape().with(axis, 1))
    fail("gather: shapes differ off axis {}: {} and {}", axis, x.shape().str(), indices.shape().str());
  return pick(x, axis, indices.shape(), positions("gather", indices, x.size(axis)));
}

namespace {

Tensor diagonal_matrix(const Tensor& x, std::int64_t rows, std::int64_t cols);

// The diagonals of [..., m, n], as [..., min(m, n)].
Tensor diagonal(const Tensor& x) {
  const std::int64_t rows = x.size(-2), cols = x.size(-1), n = std::min(rows, cols);
  Tensor out = make_tensor(x.shape().head(x.dim() - 2).inserted(-1, n), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), count = out.numel(), rows, cols, n] {
      for (std::int64_t e = 0; e < count; ++e) to[e] = from[e / n * rows * cols + e % n * (cols + 1)];
    });
  });
  return make_node<1>("diagonal", {&x}, std::move(out), saves_nothing,
                      [rows, cols](const Saved&, const Tensor& grad) { return diagonal_matrix(grad, rows, cols); });
}

Tensor diagonal_matrix(const Tensor& x, std::int64_t rows, std::int64_t cols) {
  const std::int64_t n = x.size(-1);
  Tensor out = make_tensor(x.shape().with(-1, rows).inserted(-1, cols), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), size = out.numel(), count = x.numel(), rows, cols, n] {
      std::fill_n(to, size, T(0));
      for (std::int64_t e = 0; e < count; ++e) to[e / n * rows * cols + e % n * (cols + 1)] = from[e];
    });
  });
  return make_node<1>("diagonal_matrix", {&x}, std::move(out), saves_nothing,
                      [](const Saved&, const Tensor& grad) { return diagonal(grad); });
}

}  // namespace

Tensor diag(const Tensor& x) {
  if (x.dim() == 1) return diagonal_matrix(x, x.size(0), x.size(0));
  if (x.dim() == 2) return diagonal(x);
  fail("diag: needs a vector or a matrix, got {}", x.shape().str());
}

Tensor trace(const Tensor& x) {
  if (x.dim() < 2) fail("trace: needs a matrix, got {}", x.shape().str());
  return sum(diagonal(x), -1);
}

}  // namespace sigmagrad
