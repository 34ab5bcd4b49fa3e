// SPDX-License-Identifier: BSD-3-Clause
// Products of entries along an axis. No rule divides by an entry, so that gradients of every order hold beside zeros;
// and running products are kept in f64 for either dtype.
#include <functional>

#include <sigmagrad/autograd/kernels/reduce.hpp>
#include <sigmagrad/autograd/memory/scratch.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/pointwise.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>

namespace sigmagrad {

using namespace engine;

namespace {

// The offset of a column's first entry.
std::int64_t column_start(const AxisView& view, std::int64_t column) {
  return column / view.inner * view.n * view.inner + column % view.inner;
}

// Walks down each column, or up, with a running value: out[k] = value, then value = next(value, k).
template <class T, class Next>
void scan(T* out, const AxisView& view, bool upwards, double start, Next next) {
  for (std::int64_t column = 0; column < view.outer * view.inner; ++column) {
    double value = start;
    for (std::int64_t i = 0; i < view.n; ++i) {
      const std::int64_t at = column_start(view, column) + (upwards ? view.n - 1 - i : i) * view.inner;
      out[at] = static_cast<T>(value);
      value = next(value, at);
    }
  }
}

// t[k] = the sum over j before k of g[j] times the entries of x between j and k: t[k + 1] = g[k] + x[k] t[k]. It is
// the derivative of running products, and closed under differentiation: its transpose in g runs the other way.
Tensor recurrence(const Tensor& x, const Tensor& g, int axis, bool upwards) {
  Tensor out = make_tensor(x.shape(), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), a = read<T>(x), b = read<T>(g), view = AxisView(x.shape(), axis), upwards] {
      scan(to, view, upwards, 0.0, [a, b](double value, std::int64_t at) {
        const auto own = static_cast<double>(b[at]);
        return value == 0.0 ? own : own + static_cast<double>(a[at]) * value;  // 0 even where the entry is infinite
      });
    });
  });
  return make_node<2>(
      "recurrence", {&x, &g}, std::move(out), saves_inputs,
      [axis, upwards](const Saved& saved, const Tensor& grad) {
        const Tensor before = recurrence(saved.input(0), saved.input(1), axis, upwards);
        return masked(before, recurrence(saved.input(0), grad, axis, !upwards));
      },
      [axis, upwards](const Saved& saved, const Tensor& grad) {
        return recurrence(saved.input(0), grad, axis, !upwards);
      });
}

// The products of the entries before each, or after each.
Tensor product_before(const Tensor& x, int axis, bool upwards) {
  Tensor out = make_tensor(x.shape(), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), view = AxisView(x.shape(), axis), upwards] {
      scan(to, view, upwards, 1.0,
           [from](double value, std::int64_t at) { return value * static_cast<double>(from[at]); });
    });
  });
  return make_node<1>("product_before", {&x}, std::move(out), saves_input,
                      [axis, upwards](const Saved& saved, const Tensor& grad) {
                        const Tensor before = product_before(saved.input(), axis, upwards);
                        return masked(before, recurrence(saved.input(), grad, axis, !upwards));
                      });
}

// For each entry the product of the others.
Tensor product_of_others(const Tensor& x, int axis) {
  Tensor out = make_tensor(x.shape(), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), view = AxisView(x.shape(), axis)] {
      const Scratch<double> before(view.n);
      for (std::int64_t column = 0; column < view.outer * view.inner; ++column) {
        const std::int64_t start = column_start(view, column);
        double product = 1.0;
        for (std::int64_t k = 0; k < view.n; product *= static_cast<double>(from[start + k++ * view.inner]))
          before[k] = product;
        product = 1.0;
        for (std::int64_t k = view.n - 1; k >= 0; product *= static_cast<double>(from[start + k-- * view.inner]))
          to[start + k * view.inner] = static_cast<T>(before[k] * product);
      }
    });
  });
  return make_node<1>("product_of_others", {&x}, std::move(out), saves_input,
                      [axis](const Saved& saved, const Tensor& grad) {
                        const Tensor& x_ = saved.input();
                        const Tensor before = product_before(x_, axis, false), after = product_before(x_, axis, true);
                        return masked(before, recurrence(x_, masked(grad, after), axis, true)) +
                               masked(after, recurrence(x_, masked(grad, before), axis, false));
                      });
}

}  // namespace

Tensor prod(const Tensor& x) { return prod(x.flatten(), 0); }

Tensor prod(const Tensor& x, int axis, bool keepdim) {
  axis = normalize_axis("prod", axis, x.dim());
  const Shape kept = x.shape().with(axis, 1);
  Tensor out = make_tensor(keepdim ? kept : x.shape().without(axis), x.dtype());
  dispatch(x.dtype(), [&]<class T>(T) {
    launch([to = fresh<T>(out), from = read<T>(x), view = AxisView(x.shape(), axis)] {
      for (std::int64_t column = 0; column < view.outer * view.inner; ++column) {
        const T* const first = from + column_start(view, column);
        double product = 1.0;
        for (std::int64_t k = 0; k < view.n; ++k) product *= static_cast<double>(first[k * view.inner]);
        to[column] = static_cast<T>(product);
      }
    });
  });
  return make_node<1>("prod", {&x}, std::move(out), saves_input, [axis, kept](const Saved& saved, const Tensor& grad) {
    return grad.reshape(kept) * product_of_others(saved.input(), axis);
  });
}

// An entry whose result is not used must leave no trace, so the rules mask.
Tensor cumprod(const Tensor& x, int axis) {
  return binary(
      "cumprod", product_before(x, normalize_axis("cumprod", axis, x.dim()), false), x, saves_inputs,
      std::multiplies<>(), [](const Saved& saved, const Tensor& grad) { return masked(grad, saved.input(1)); },
      [](const Saved& saved, const Tensor& grad) { return masked(grad, saved.input(0)); });
}

}  // namespace sigmagrad
