// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/operations/indexing.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <type_traits>

#include <sigmagrad/autograd/graph/make_node.hpp>
#include <sigmagrad/autograd/kernels/map.hpp>
#include <sigmagrad/autograd/kernels/reduce.hpp>
#include <sigmagrad/autograd/memory/scratch.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/positions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/autograd/tensor/whole_numbers.hpp>

namespace sigmagrad {

using namespace engine;

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
Tensor add_entries(const Tensor& grad, const Shape& shape, int axis, const Positions& indices);

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
                        return add_entries(grad, whole, axis, indices);
                      });
}

Tensor add_entries(const Tensor& grad, const Shape& shape, int axis, const Positions& indices) {
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

Positions engine::slice_positions(const char* operation, std::span<const std::int64_t> indices, std::int64_t size) {
  for (const auto index : indices)
    if (index < 0 || index >= size) fail("{}: index {} is out of range for an axis of {}", operation, index, size);
  return positions(indices);
}

Positions engine::slice_positions(const char* operation, const Tensor& indices, std::int64_t size) {
  if (indices.dim() > 1) fail("{}: indices must be [k] or one number, got {}", operation, indices.shape().str());
  return positions(operation, indices, size);
}

namespace {

void check_off_axis(const char* operation, int axis, const Tensor& x, const Tensor& indices) {
  if (indices.dim() != x.dim() || indices.shape().with(axis, 1) != x.shape().with(axis, 1))
    fail("{}: shapes differ off axis {}: {} and {}", operation, axis, x.shape().str(), indices.shape().str());
}

template <class Indices>
Tensor selected(const Tensor& x, int axis, const Indices& indices) {
  axis = normalize_axis("index_select", axis, x.dim());
  const Positions at = slice_positions("index_select", indices, x.size(axis));
  return select_slices(x, axis, std::ssize(*at), at);
}

template <class Indices>
Tensor with_slices_added(const Tensor& x, int axis, const Indices& indices, const Tensor& source) {
  check_same_dtype("index_add", x, source);
  axis = normalize_axis("index_add", axis, x.dim());
  const Positions at = slice_positions("index_add", indices, x.size(axis));
  const Shape expected = x.shape().with(axis, std::ssize(*at));
  if (source.shape() != expected)
    fail("index_add: source is {}, expected {} of {} indices into axis {} of {}", source.shape().str(), expected.str(),
         at->size(), axis, x.shape().str());
  return x + add_slices(source, x.shape(), axis, at);
}

// By position on an axis of n entries: the number of the last index that names it, or 0, and a mask of those named.
struct Owners {
  Owners(const Positions& indices, std::int64_t n, Dtype dtype)
      : mask(make_tensor({n}, dtype)),
        numbers(std::allocate_shared<PositionList>(PoolAllocator<PositionList>(), static_cast<std::size_t>(n))) {
    dispatch(dtype, [&]<class T>(T) {
      launch([named = fresh<T>(mask), list = numbers, indices, n] {
        std::fill(list->begin(), list->end(), 0);
        std::fill_n(named, n, T(0));
        for (std::size_t k = 0; k < indices->size(); ++k) {
          const auto position = static_cast<std::size_t>((*indices)[k]);
          (*list)[position] = static_cast<std::int64_t>(k);
          named[position] = T(1);
        }
      });
    });
  }

  Tensor mask;
  std::shared_ptr<PositionList> numbers;
};

template <class Indices>
Tensor with_slices_replaced(const Tensor& x, int axis, const Indices& indices, const Tensor& values) {
  check_same_dtype("index_put", x, values);
  axis = normalize_axis("index_put", axis, x.dim());
  const std::int64_t n = x.size(axis);
  const Positions at = slice_positions("index_put", indices, n);
  const Tensor slices = expand(values, slices_shape("index_put", x, axis, at, values));
  if (at->empty()) return x + add_slices(slices, x.shape(), axis, at);  // the gradient of no values, too
  const Owners owners(at, n, x.dtype());
  Shape beside = x.shape().tail(axis);
  for (int i = 1; i < beside.rank(); ++i) beside = beside.with(i, 1);
  return where(reshape(owners.mask, beside), select_slices(slices, axis, n, owners.numbers), x);
}

Tensor one_hot(const Shape& shape, const Positions& labels, std::int64_t classes, Dtype dtype) {
  Tensor out = make_tensor(shape.inserted(shape.rank(), classes), dtype);
  dispatch(dtype, [&]<class T>(T) {
    launch([to = fresh<T>(out), n = out.numel(), labels, classes] {
      std::fill_n(to, n, T(0));
      for (std::size_t i = 0; i < labels->size(); ++i) to[static_cast<std::int64_t>(i) * classes + (*labels)[i]] = T(1);
    });
  });
  return out;
}

void check_classes(std::int64_t classes) {
  if (classes < 1) fail("one_hot: classes must be >= 1 (got {})", classes);
}

}  // namespace

Shape engine::slices_shape(const char* operation, const Tensor& x, int axis, const Positions& indices,
                           const Tensor& values) {
  const Shape shape = x.shape().with(axis, std::ssize(*indices));
  if (values.shape() != shape && broadcast_shapes(operation, shape, values.shape()) != shape)
    fail("{}: values {} do not broadcast to the slices {}", operation, values.shape().str(), shape.str());
  return shape;
}

Tensor index_select(const Tensor& x, int axis, std::span<const std::int64_t> indices) {
  return selected(x, axis, indices);
}
Tensor index_select(const Tensor& x, int axis, const Tensor& indices) { return selected(x, axis, indices); }

Tensor gather(const Tensor& x, int axis, const Tensor& indices) {
  axis = normalize_axis("gather", axis, x.dim());
  check_off_axis("gather", axis, x, indices);
  return pick(x, axis, indices.shape(), positions("gather", indices, x.size(axis)));
}

Tensor index_add(const Tensor& x, int axis, std::span<const std::int64_t> indices, const Tensor& source) {
  return with_slices_added(x, axis, indices, source);
}
Tensor index_add(const Tensor& x, int axis, const Tensor& indices, const Tensor& source) {
  return with_slices_added(x, axis, indices, source);
}

Tensor scatter_add(const Tensor& x, int axis, const Tensor& indices, const Tensor& source) {
  check_same_dtype("scatter_add", x, source);
  axis = normalize_axis("scatter_add", axis, x.dim());
  check_off_axis("scatter_add", axis, x, indices);
  if (source.shape() != indices.shape())
    fail("scatter_add: indices are {} and source is {}, expected one shape", indices.shape().str(),
         source.shape().str());
  return x + add_entries(source, x.shape(), axis, positions("scatter_add", indices, x.size(axis)));
}

Tensor index_put(const Tensor& x, int axis, std::span<const std::int64_t> indices, const Tensor& values) {
  return with_slices_replaced(x, axis, indices, values);
}
Tensor index_put(const Tensor& x, int axis, const Tensor& indices, const Tensor& values) {
  return with_slices_replaced(x, axis, indices, values);
}

Tensor one_hot(const Tensor& labels, std::int64_t classes) {
  check_classes(classes);
  return one_hot(labels.shape(), positions("one_hot", labels, classes), classes, labels.dtype());
}

Tensor one_hot(std::span<const std::int64_t> labels, std::int64_t classes, Dtype dtype) {
  check_classes(classes);
  return one_hot({std::ssize(labels)}, slice_positions("one_hot", labels, classes), classes, dtype);
}

}  // namespace sigmagrad
