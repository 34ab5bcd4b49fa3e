// SPDX-License-Identifier: BSD-3-Clause
#include <functional>
#include <set>
#include <sigmagrad/autograd/detail/fail.hpp>
#include <sigmagrad/autograd/detail/reduce.hpp>
#include <sigmagrad/autograd/elementwise.hpp>
#include <sigmagrad/autograd/reductions.hpp>

namespace sigmagrad {

using namespace detail;

Tensor sum(const Tensor& x) {
  Tensor out = make_tensor({}, x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), n = x.numel()] { *to = sum_row(from, n); });
  });
  return record<1>("sum", {&x}, std::move(out), saves_nothing,
                   [shape = x.shape()](const Saved&, const Tensor& grad) { return grad.expand(shape); });
}

Tensor sum(const Tensor& x, int axis, bool keepdim) {
  axis = normalize_axis("sum", axis, x.dim());
  const Shape kept = x.shape().with(axis, 1);
  Tensor out = make_tensor(keepdim ? kept : x.shape().without(axis), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), view = AxisView(x.shape(), axis)] { sum_axis(to, from, view); });
  });
  return record<1>(
      "sum", {&x}, std::move(out), saves_nothing,
      [kept, shape = x.shape()](const Saved&, const Tensor& grad) { return grad.reshape(kept).expand(shape); });
}

Tensor detail::sum_broadcast(const Tensor& x, const Shape& shape) {
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
    if (!ordered.insert(normalize_axis("sum", axis, x.dim())).second) detail::fail("sum: axis {} is given twice", axis);
  Tensor result = x;
  for (const int axis : ordered) result = sum(result, axis, keepdim);
  return result;
}

Tensor mean(const Tensor& x, std::initializer_list<int> axes, bool keepdim) {
  const Tensor total = sum(x, axes, keepdim);
  return total * (static_cast<double>(total.numel()) / static_cast<double>(x.numel()));
}

Tensor mean(const Tensor& x, int axis, bool keepdim) {
  axis = normalize_axis("mean", axis, x.dim());
  return sum(x, axis, keepdim) / static_cast<double>(x.size(axis));
}

Tensor var(const Tensor& x) { return var(x.flatten(), 0); }

Tensor var(const Tensor& x, int axis, bool keepdim, int correction) {
  axis = normalize_axis("var", axis, x.dim());
  const auto deviations = square(x - mean(x, axis, true));
  return sum(deviations, axis, keepdim) / static_cast<double>(x.size(axis) - correction);
}

Tensor std(const Tensor& x) { return sqrt(var(x)); }
Tensor std(const Tensor& x, int axis, bool keepdim, int correction) {
  return sqrt(var(x, normalize_axis("std", axis, x.dim()), keepdim, correction));
}

int detail::non_empty_axis(const char* name, const Tensor& x, int axis) {
  axis = normalize_axis(name, axis, x.dim());
  if (x.size(axis) == 0) fail("{}: axis {} of {} is empty", name, axis, x.shape().str());
  return axis;
}

namespace {

template <class Better>
Tensor extreme(const char* name, const Tensor& x, int axis, bool keepdim, Better better) {
  axis = non_empty_axis(name, x, axis);
  const Shape kept = x.shape().with(axis, 1);
  Tensor out = make_tensor(keepdim ? kept : x.shape().without(axis), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), view = AxisView(x.shape(), axis), better] {
      select_axis(to, from, view, false, better);
    });
  });
  return record<1>(name, {&x}, std::move(out), saves_input | saves_output,
                   [axis, kept](const Saved& saved, const Tensor& grad) {
                     const auto ties = saved.input() == saved.output().reshape(kept);
                     return masked(grad.reshape(kept), ties / sum(ties, axis, true));
                   });
}

constexpr auto greater = [](auto a, auto b) { return a > b; };
constexpr auto less = [](auto a, auto b) { return a < b; };

}  // namespace

Tensor max(const Tensor& x) { return extreme("max", x.flatten(), 0, false, greater); }
Tensor max(const Tensor& x, int axis, bool keepdim) { return extreme("max", x, axis, keepdim, greater); }
Tensor min(const Tensor& x) { return extreme("min", x.flatten(), 0, false, less); }
Tensor min(const Tensor& x, int axis, bool keepdim) { return extreme("min", x, axis, keepdim, less); }

Tensor argmax(const Tensor& x) { return argmax(x.detach().flatten(), 0); }

Tensor argmax(const Tensor& x, int axis, bool keepdim) {
  axis = non_empty_axis("argmax", x, axis);
  Tensor out = make_tensor(keepdim ? x.shape().with(axis, 1) : x.shape().without(axis), f64);
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<double>(out), from = read<T>(x), view = AxisView(x.shape(), axis)] {
      select_axis(to, from, view, true, greater);
    });
  });
  return out;
}

namespace {

Tensor running_sum(const Tensor& x, int axis, bool backwards) {
  Tensor out = make_tensor(x.shape(), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), view = AxisView(x.shape(), axis), backwards] {
      for (std::int64_t i = 0; i < view.outer; ++i)
        for (std::int64_t j = 0; j < view.inner; ++j) {
          T total = 0;
          for (std::int64_t k = 0; k < view.n; ++k) {
            const std::int64_t at = (i * view.n + (backwards ? view.n - 1 - k : k)) * view.inner + j;
            to[at] = total += from[at];
          }
        }
    });
  });
  return record<1>("cumsum", {&x}, std::move(out), saves_nothing,
                   [axis, backwards](const Saved&, const Tensor& grad) { return running_sum(grad, axis, !backwards); });
}

}  // namespace

Tensor cumsum(const Tensor& x, int axis) { return running_sum(x, normalize_axis("cumsum", axis, x.dim()), false); }

Tensor Tensor::sum() const { return sigmagrad::sum(*this); }
Tensor Tensor::sum(int axis, bool keepdim) const { return sigmagrad::sum(*this, axis, keepdim); }
Tensor Tensor::mean() const { return sigmagrad::mean(*this); }
Tensor Tensor::mean(int axis, bool keepdim) const { return sigmagrad::mean(*this, axis, keepdim); }

}  // namespace sigmagrad
