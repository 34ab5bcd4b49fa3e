// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/detail/softmax.hpp>
#include <sigmagrad/autograd/elementwise.hpp>
#include <sigmagrad/autograd/reductions.hpp>

namespace sigmagrad {

using namespace detail;

namespace {

/// line(at) of the first entry of every line along the view's axis; its entries are `view.inner` apart.
template <class Line>
void each_line(const AxisView& view, const Line& line) {
  for (std::int64_t i = 0; i < view.outer; ++i)
    for (std::int64_t j = 0; j < view.inner; ++j) line(i * view.n * view.inner + j);
}

template <class T>
std::int64_t position_of_largest(const T* y, std::int64_t n, std::int64_t stride) {
  std::int64_t best = 0;
  for (std::int64_t k = 1; k < n; ++k)
    if (y[best * stride] < y[k * stride]) best = k;
  return best;
}

// g - <y, g> and its transpose g - y sum(g), for a softmax y along the axis. Where one y is close to 1, its own g would
// cancel: the first subtracts that g from all before, the second takes the sum of the other y for 1 - y.
Tensor remove_sum(const Tensor& y, const Tensor& g, int axis);

template <class T>
void remove_mean_line(T* out, const T* y, const T* g, std::int64_t n, std::int64_t stride) {
  const T reference = g[position_of_largest(y, n, stride) * stride];
  const T mean = sum_entries<T>(0, n, [=](std::int64_t k) { return y[k * stride] * (g[k * stride] - reference); });
  for (std::int64_t k = 0; k < n; ++k) out[k * stride] = (g[k * stride] - reference) - mean;
}

template <class T>
void remove_sum_line(T* out, const T* y, const T* g, std::int64_t n, std::int64_t stride) {
  const std::int64_t leader = position_of_largest(y, n, stride);
  const auto sum_of_others = [=](const T* x) {
    return sum_entries<T>(0, n, [=](std::int64_t k) { return k == leader ? T(0) : x[k * stride]; });
  };
  const T own = g[leader * stride], share = y[leader * stride], others = sum_of_others(g);
  for (std::int64_t k = 0; k < n; ++k) out[k * stride] = g[k * stride] - y[k * stride] * (own + others);
  if (2 * share > 1) out[leader * stride] = own * sum_of_others(y) - share * others;
}

Tensor remove_mean(const Tensor& y, const Tensor& g, int axis) {
  Tensor out = make_tensor(y.shape(), y.dtype());
  dispatch(y.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), p = read<T>(y), q = read<T>(g), view = AxisView(y.shape(), axis)] {
      each_line(view, [&](std::int64_t at) { remove_mean_line(to + at, p + at, q + at, view.n, view.inner); });
    });
  });
  return record<2>(
      "softmax_gradient", {&y, &g}, std::move(out), saves_inputs,
      [axis](const Saved& saved, const Tensor& grad) { return -saved.input(1) * sum(grad, axis, true); },
      [axis](const Saved& saved, const Tensor& grad) { return remove_sum(saved.input(0), grad, axis); });
}

Tensor remove_sum(const Tensor& y, const Tensor& g, int axis) {
  Tensor out = make_tensor(y.shape(), y.dtype());
  dispatch(y.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), p = read<T>(y), q = read<T>(g), view = AxisView(y.shape(), axis)] {
      each_line(view, [&](std::int64_t at) { remove_sum_line(to + at, p + at, q + at, view.n, view.inner); });
    });
  });
  return record<2>(
      "log_softmax_gradient", {&y, &g}, std::move(out), saves_inputs,
      [axis](const Saved& saved, const Tensor& grad) { return -grad * sum(saved.input(1), axis, true); },
      [axis](const Saved& saved, const Tensor& grad) { return remove_mean(saved.input(0), grad, axis); });
}

}  // namespace

Tensor detail::softmax_gradient(const Tensor& y, const Tensor& grad, int axis) {
  return y * remove_mean(y, grad, axis);
}

Tensor softmax(const Tensor& x, int axis) {
  axis = non_empty_axis("softmax", x, axis);
  Tensor out = make_tensor(x.shape(), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), view = AxisView(x.shape(), axis)] {
      each_line(view, [&](std::int64_t at) {
        const T total = T(1) + Logits(from + at, view.n, view.inner).exponentials(to + at);
        for (std::int64_t k = 0; k < view.n; ++k) to[at + k * view.inner] /= total;
      });
    });
  });
  return record<1>("softmax", {&x}, std::move(out), saves_output, [axis](const Saved& saved, const Tensor& grad) {
    return softmax_gradient(saved.output(), grad, axis);
  });
}

Tensor log_softmax(const Tensor& x, int axis) {
  axis = non_empty_axis("log_softmax", x, axis);
  Tensor out = make_tensor(x.shape(), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), view = AxisView(x.shape(), axis)] {
      each_line(view, [&](std::int64_t at) {
        const Logits line(from + at, view.n, view.inner);
        const T norm = std::log1p(line.rest());
        for (std::int64_t k = 0; k < view.n; ++k) to[at + k * view.inner] = line.distance(k) - norm;
      });
    });
  });
  return record<1>("log_softmax", {&x}, std::move(out), saves_input, [axis](const Saved& saved, const Tensor& grad) {
    return remove_sum(softmax(saved.input(), axis), grad, axis);
  });
}

Tensor logsumexp(const Tensor& x) { return logsumexp(x.flatten(), 0); }

Tensor logsumexp(const Tensor& x, int axis, bool keepdim) {
  axis = non_empty_axis("logsumexp", x, axis);
  const Shape kept = x.shape().with(axis, 1);
  Tensor out = make_tensor(keepdim ? kept : x.shape().without(axis), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([start = fresh<T>(out), from = read<T>(x), view = AxisView(x.shape(), axis)] {
      T* to = start;
      each_line(view, [&](std::int64_t at) {
        const Logits line(from + at, view.n, view.inner);
        *to++ = line.largest() + std::log1p(line.rest());
      });
    });
  });
  return record<1>("logsumexp", {&x}, std::move(out), saves_input,
                   [axis, kept](const Saved& saved, const Tensor& grad) {
                     return grad.reshape(kept) * softmax(saved.input(), axis);
                   });
}

}  // namespace sigmagrad
