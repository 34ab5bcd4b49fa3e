// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/operations/reductions.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include <sigmagrad/autograd/kernels/euclidean.hpp>
#include <sigmagrad/autograd/kernels/reduce.hpp>
#include <sigmagrad/autograd/memory/scratch.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/euclidean.hpp>
#include <sigmagrad/autograd/operations/pointwise.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {

using namespace engine;

Tensor sum(const Tensor& x) {
  Tensor out = make_tensor({}, x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), n = x.numel()] {
      *to = sum_in_pieces<T>(n, entry_grain, [from](std::int64_t i) { return from[i]; });
    });
  });
  return make_node<1>("sum", {&x}, std::move(out), saves_nothing,
                      [shape = x.shape()](const Saved&, const Tensor& grad) { return grad.expand(shape); });
}

Tensor sum(const Tensor& x, int axis, bool keepdim) {
  axis = normalize_axis("sum", axis, x.dim());
  const Shape kept = x.shape().with(axis, 1);
  Tensor out = make_tensor(keepdim ? kept : x.shape().without(axis), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), view = AxisView(x.shape(), axis)] { sum_axis(to, from, view); });
  });
  return make_node<1>(
      "sum", {&x}, std::move(out), saves_nothing,
      [kept, shape = x.shape()](const Saved&, const Tensor& grad) { return grad.reshape(kept).expand(shape); });
}

Tensor engine::sum_broadcast(const Tensor& x, const Shape& shape) {
  Tensor result = x;
  if (const int extra = x.dim() - shape.rank(); extra > 0) {
    const Shape rest = x.shape().tail(extra);
    const std::int64_t rows = x.shape().head(extra).numel();
    result = sum(x.reshape(rest.inserted(0, rows)), 0);
  }
  for (int axis = 0; axis < shape.rank(); ++axis)
    if (shape[axis] == 1 && result.size(axis) != 1) result = sum(result, axis, true);
  return result;
}

Tensor mean(const Tensor& x) { return sum(x) / static_cast<double>(x.numel()); }

Tensor sum(const Tensor& x, std::initializer_list<int> axes, bool keepdim) {
  std::set<int, std::greater<>> ordered;
  for (const int axis : axes)
    if (!ordered.insert(normalize_axis("sum", axis, x.dim())).second) engine::fail("sum: axis {} is given twice", axis);
  Tensor result = x;
  for (const int axis : ordered) result = sum(result, axis, keepdim);
  return result;
}

Tensor mean(const Tensor& x, std::initializer_list<int> axes, bool keepdim) {
  double count = 1;
  for (const int axis : axes) count *= static_cast<double>(x.size(normalize_axis("mean", axis, x.dim())));
  return sum(x, axes, keepdim) / count;
}

Tensor mean(const Tensor& x, int axis, bool keepdim) {
  axis = normalize_axis("mean", axis, x.dim());
  return sum(x, axis, keepdim) / static_cast<double>(x.size(axis));
}

namespace {

// x minus its mean along the axis: a projection, which is its own derivative and transpose.
Tensor centered(const Tensor& x, int axis) {
  Tensor out = make_tensor(x.shape(), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), view = AxisView(x.shape(), axis)] { center_axis(to, from, view); });
  });
  return make_node<1>("centered", {&x}, std::move(out), saves_nothing,
                      [axis](const Saved&, const Tensor& grad) { return centered(grad, axis); });
}

// The lengths of the deviations from the mean along the axis. Only where a sum of squares leaves the range is a column
// read again.
template <class T>
void deviation_lengths(T* out, const T* x, const AxisView& view) {
  squared_deviations(out, x, view);
  AxisView column = view;
  column.outer = column.inner = 1;
  for (std::int64_t i = 0; i < view.outer * view.inner; ++i) {
    T& entry = out[i];
    if (squares_in_range(entry)) {
      entry = std::sqrt(entry);
      continue;
    }
    const Scratch<T> entries(view.n), deviations(view.n);
    const T* const first = x + i / view.inner * view.n * view.inner + i % view.inner;
    for (std::int64_t k = 0; k < view.n; ++k) entries[k] = first[k * view.inner];
    center_axis(deviations.data(), entries.data(), column);
    entry = norm_from(entry, deviations.data(), view.n);
  }
}

// n - correction, for n entries along the axis.
double degrees_of_freedom(const char* name, const Tensor& x, int axis, int correction) {
  const std::int64_t n = x.size(axis);
  if (n <= std::max(correction, 0))
    fail("{}: the {} entries along axis {} of {} are not more than the correction, {}", name, n, axis, x.shape().str(),
         correction);
  return static_cast<double>(n - correction);
}

}  // namespace

Tensor var(const Tensor& x) { return var(x.flatten(), 0); }

Tensor var(const Tensor& x, int axis, bool keepdim, int correction) {
  axis = normalize_axis("var", axis, x.dim());
  const double freedom = degrees_of_freedom("var", x, axis, correction);
  const Shape kept = x.shape().with(axis, 1);
  Tensor squares = make_tensor(keepdim ? kept : x.shape().without(axis), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(squares), from = read<T>(x), view = AxisView(x.shape(), axis)] {
      squared_deviations(to, from, view);
    });
  });
  return make_node<1>("squared_deviations", {&x}, std::move(squares), saves_input,
                      [axis, kept](const Saved& saved, const Tensor& grad) {
                        return 2.0 * grad.reshape(kept) * centered(saved.input(), axis);
                      }) /
         freedom;
}

Tensor std(const Tensor& x) { return std(x.flatten(), 0); }

Tensor std(const Tensor& x, int axis, bool keepdim, int correction) {
  axis = normalize_axis("std", axis, x.dim());
  const double freedom = degrees_of_freedom("std", x, axis, correction);
  const Shape kept = x.shape().with(axis, 1);
  Tensor lengths = make_tensor(keepdim ? kept : x.shape().without(axis), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(lengths), from = read<T>(x), view = AxisView(x.shape(), axis)] {
      deviation_lengths(to, from, view);
    });
  });
  return make_node<1>("deviation_length", {&x}, std::move(lengths), saves_input | saves_output,
                      [axis, kept](const Saved& saved, const Tensor& grad) {
                        const Tensor length = saved.output().reshape(kept);
                        return with_length(centered(saved.input(), axis), length, grad.reshape(kept), axis);
                      }) /
         std::sqrt(freedom);
}

Tensor any(const Tensor& x) { return sum(x != 0.0) != 0.0; }
Tensor any(const Tensor& x, int axis, bool keepdim) {
  return sum(x != 0.0, normalize_axis("any", axis, x.dim()), keepdim) != 0.0;
}
Tensor all(const Tensor& x) { return sum(x == 0.0) == 0.0; }
Tensor all(const Tensor& x, int axis, bool keepdim) {
  return sum(x == 0.0, normalize_axis("all", axis, x.dim()), keepdim) == 0.0;
}

namespace {

Tensor running_sum(const Tensor& x, int axis, bool backwards) {
  Tensor out = make_tensor(x.shape(), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), view = AxisView(x.shape(), axis), backwards] {
      // Backwards, the first entry is the last in memory.
      const std::int64_t step = backwards ? -view.inner : view.inner;
      for_parts(view, [&](std::int64_t slab, const AxisView& part, std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = slab; i < slab + part.outer; ++i)
          for (std::int64_t j = begin; j < end && view.n > 0; ++j) {
            const std::int64_t first = (i * view.n + (backwards ? view.n - 1 : 0)) * view.inner + j;
            running_sums(to + first, from + first, view.n, step);
          }
      });
    });
  });
  return make_node<1>(
      "cumsum", {&x}, std::move(out), saves_nothing,
      [axis, backwards](const Saved&, const Tensor& grad) { return running_sum(grad, axis, !backwards); });
}

}  // namespace

Tensor cumsum(const Tensor& x, int axis) { return running_sum(x, normalize_axis("cumsum", axis, x.dim()), false); }

}  // namespace sigmagrad
