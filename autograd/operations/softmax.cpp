// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/operations/softmax.hpp>

#include <sigmagrad/autograd/graph/make_node.hpp>
#include <sigmagrad/autograd/kernels/reduce.hpp>
#include <sigmagrad/autograd/kernels/softmax_row.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>

namespace sigmagrad {

using namespace engine;

namespace {

// g - <y, g> and its transpose g - y sum(g), for a softmax y along the last axis. Where one y is close to 1, its own g
// would cancel: the first subtracts that g from all before, the second takes the sum of the other y for 1 - y.
Tensor remove_mean(const Tensor& y, const Tensor& g);
Tensor remove_sum(const Tensor& y, const Tensor& g);

template <class T>
void remove_mean_row(T* out, const T* y, const T* g, std::int64_t n) {
  const T reference = g[std::max_element(y, y + n) - y];
  const T mean = sum_entries<T>(0, n, [=](std::int64_t k) { return y[k] * (g[k] - reference); });
  for (std::int64_t k = 0; k < n; ++k) out[k] = (g[k] - reference) - mean;
}

template <class T>
void remove_sum_row(T* out, const T* y, const T* g, std::int64_t n) {
  const std::int64_t leader = std::max_element(y, y + n) - y;
  const T own = g[leader], share = y[leader], others = sum_of_others(g, n, leader);
  for (std::int64_t k = 0; k < n; ++k) out[k] = g[k] - y[k] * (own + others);
  if (2 * share > 1) out[leader] = own * sum_of_others(y, n, leader) - share * others;
}

// f(number, first entry) of each row of n entries.
template <class F>
void each_row(std::int64_t size, std::int64_t n, const F& f) {
  parallel_for(size / std::max<std::int64_t>(1, n), grain_of(n), [&](std::int64_t i, std::int64_t end) {
    for (; i < end; ++i) f(i, i * n);
  });
}

// row(out, y, g) of each row.
template <class Row>
Tensor by_rows(const Tensor& y, const Tensor& g, Row row) {
  Tensor out = make_tensor(y.shape(), y.dtype());
  dispatch(y.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), p = read<T>(y), q = read<T>(g), size = y.numel(), n = y.size(-1), row] {
      each_row(size, n, [=](std::int64_t, std::int64_t at) { row(to + at, p + at, q + at, n); });
    });
  });
  return out;
}

Tensor remove_mean(const Tensor& y, const Tensor& g) {
  return make_node<2>(
      "softmax_gradient", {&y, &g}, by_rows(y, g, [](auto... row) { remove_mean_row(row...); }), saves_inputs,
      [](const Saved& saved, const Tensor& grad) { return -saved.input(1) * sum(grad, -1, true); },
      [](const Saved& saved, const Tensor& grad) { return remove_sum(saved.input(0), grad); });
}

Tensor remove_sum(const Tensor& y, const Tensor& g) {
  return make_node<2>(
      "log_softmax_gradient", {&y, &g}, by_rows(y, g, [](auto... row) { remove_sum_row(row...); }), saves_inputs,
      [](const Saved& saved, const Tensor& grad) { return -grad * sum(saved.input(1), -1, true); },
      [](const Saved& saved, const Tensor& grad) { return remove_mean(saved.input(0), grad); });
}

// An operation that has the softmax y of x along the last axis beside its result, for its gradient: row(to, x,
// softmax, n) writes a row of the result, `rule(y, grad)` is the gradient.
template <class Row, class Rule>
Tensor beside_softmax(const char* name, const Tensor& x, const Shape& shape, Row row, Rule rule) {
  const std::array<Tensor, 2> results{make_tensor(shape, x.dtype()), make_tensor(x.shape(), x.dtype())};
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(results[0]), y = fresh<T>(results[1]), from = read<T>(x), size = x.numel(), n = x.size(-1),
            step = shape[-1], row] {
      each_row(size, n, [=](std::int64_t i, std::int64_t at) {
        row(to + i * step, from + at, SoftmaxRow(y + at, from + at, n), n);
      });
    });
  });
  make_node<1>(name, {&x}, std::span<const Tensor, 2>(results), saves_output, beside_softmax_rule(rule));
  return results[0];
}

// f(x) along the last axis, on any.
template <class F>
Tensor along(const char* name, const Tensor& x, int axis, F f) {
  axis = non_empty_axis(name, x, axis);
  return axis == x.dim() - 1 ? f(x) : f(x.transpose(axis, -1)).transpose(axis, -1);
}

Tensor softmax_of_rows(const Tensor& x) {
  Tensor out = make_tensor(x.shape(), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), size = x.numel(), n = x.size(-1)] {
      each_row(size, n, [=](std::int64_t, std::int64_t at) { SoftmaxRow(to + at, from + at, n); });
    });
  });
  return make_node<1>("softmax", {&x}, std::move(out), saves_output,
                      [](const Saved& saved, const Tensor& grad) { return softmax_gradient(saved.output(), grad); });
}

}  // namespace

Tensor engine::softmax_gradient(const Tensor& y, const Tensor& grad) { return y * remove_mean(y, grad); }

Tensor softmax(const Tensor& x, int axis) { return along("softmax", x, axis, softmax_of_rows); }

Tensor log_softmax(const Tensor& x, int axis) {
  const auto row = [](auto* to, const auto* from, const auto& softmax, std::int64_t n) {
    const auto norm = softmax.norm();
    for (std::int64_t k = 0; k < n; ++k) to[k] = softmax.distance(from[k]) - norm;
  };
  return along("log_softmax", x, axis, [row](const Tensor& rows) {
    return beside_softmax("log_softmax", rows, rows.shape(), row, remove_sum);
  });
}

Tensor logsumexp(const Tensor& x) { return logsumexp(x.flatten(), 0); }

Tensor logsumexp(const Tensor& x, int axis, bool keepdim) {
  const auto row = [](auto* to, const auto*, const auto& softmax, std::int64_t) {
    *to = softmax.largest() + softmax.norm();
  };
  const auto kept = along("logsumexp", x, axis, [row](const Tensor& rows) {
    return beside_softmax("logsumexp", rows, rows.shape().with(-1, 1), row,
                          [](const Tensor& y, const Tensor& grad) { return grad * y; });
  });
  return keepdim ? kept : kept.squeeze(axis);
}

}  // namespace sigmagrad
