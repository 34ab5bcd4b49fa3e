// SPDX-License-Identifier: BSD-3-Clause
// Losses of the differences d = a - b of two tensors: sums of value(d), masked or not.
#include <cmath>

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/pointwise.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/nn/detail/reduction.hpp>

namespace sigmagrad {
namespace {
using detail::check_alike;
using detail::Share;

// A loss has at<0>(d), its value, and at<1>(d) and at<2>(d), which times `factor` are its derivatives; the third is 0.
// The value is even in d.

struct Squares {
  const char* name;

  static constexpr double factor(int order) { return order == 0 ? 1.0 : 2.0; }
  template <int Order, class T>
  T at(T d) const {
    if constexpr (Order == 0)
      return d * d;
    else
      return Order == 1 ? d : T(1);
  }
};

// A parabola that goes on as two straight lines of that steepness where |d| >= bound.
struct Bowl {
  const char* name;
  double steepness, bound;

  static constexpr double factor(int) { return 1.0; }
  template <int Order, class T>
  T at(T d) const {
    const auto size = std::abs(d), steep = static_cast<T>(steepness), end = static_cast<T>(bound);
    const T bent = static_cast<T>(steepness / bound);
    if constexpr (Order == 0) return size < end ? T(0.5) * d * (d * bent) : steep * (size - T(0.5) * end);
    if constexpr (Order == 1) return size < end ? d * bent : d > 0 ? steep : d < 0 ? -steep : d;
    return size < end ? bent : d - d;
  }
};

// The share of the terms; their count is the mask's own sum if `observed`.
struct MaskedShare {
  Share share;
  bool observed = false;

  template <class T>
  Share of(const T* mask, std::int64_t n) const {
    if (!observed) return share;
    const T sum = engine::sum_in_pieces<T>(n, engine::entry_grain, [mask](std::int64_t i) { return mask[i]; });
    if (sum == 0)
      engine::fail("masked_mse_loss: MeanObserved divides by the mask's sum, which is 0 (of {} entries)", n);
    return {.times = share.times, .count = static_cast<double>(sum)};
  }
};

// What a term at an entry counts: of the mask there, or all if there is none.
template <class T>
struct Everything {
  static constexpr const T* mask = nullptr;
  Everything from(std::int64_t) const { return {}; }
  T operator()(T value, std::int64_t) const { return value; }
};
template <class T>
struct Shown {
  const T* mask;
  Shown from(std::int64_t i) const { return {mask + i}; }
  T operator()(T value, std::int64_t i) const { return engine::masked_product(mask[i], value); }
};
template <class T>
Everything<T> shown() {
  return {};
}
template <class T>
Shown<T> shown(const Tensor& mask) {
  return {engine::read<T>(mask)};
}

// The gradient rule of a mask.
constexpr auto none = [](const engine::Saved&, const Tensor&) { return Tensor(); };

template <int Order, class T, class Loss, class Seen>
SIGMAGRAD_MULTIVERSION void derivative_loop(T* __restrict out, const T* x, const T* y, const T* scale, bool each,
                                            T factor, std::int64_t n, Loss loss, Seen seen) {
  if (each) {
    for (std::int64_t i = 0; i < n; ++i) out[i] = seen(factor * scale[i] * loss.template at<Order>(x[i] - y[i]), i);
  } else {
    const T all = factor * *scale;
    for (std::int64_t i = 0; i < n; ++i) out[i] = seen(all * loss.template at<Order>(x[i] - y[i]), i);
  }
}

// The derivative of the loss's terms in a, in one pass, times `scale`, which is a number or has the terms' shape.
// Undefined from the third on.
template <int Order, class Loss, class... Mask>
Tensor derivative(const Loss& loss, const Tensor& a, const Tensor& b, const Tensor& scale, MaskedShare share,
                  const Mask&... mask) {
  if constexpr (Order > 2) {
    return Tensor();
  } else {
    Tensor out = engine::make_tensor(a.shape(), a.dtype());
    engine::dispatch(a.dtype(), [&]<class T>(T) {
      engine::launch([to = engine::fresh<T>(out), x = engine::read<T>(a), y = engine::read<T>(b),
                      s = engine::read<T>(scale), each = scale.dim() > 0, n = a.numel(), share, loss,
                      seen = shown<T>(mask...)] {
        const auto factor = static_cast<T>(loss.factor(Order) * share.of(seen.mask, n).factor());
        engine::parallel_for(n, engine::entry_grain, [&](std::int64_t i, std::int64_t end) {
          derivative_loop<Order>(to + i, x + i, y + i, each ? s + i : s, each, factor, end - i, loss, seen.from(i));
        });
      });
    });
    const auto in_a = [loss, share](const engine::Saved& s, const Tensor& g) {
      const Tensor next =
          derivative<Order + 1>(loss, s.input(0), s.input(1), s.input(2), share, s.input(3 + 0 * sizeof(Mask))...);
      return next.defined() ? engine::masked(next, g) : next;
    };
    const auto in_b = [in_a](const engine::Saved& s, const Tensor& g) {
      const Tensor opposite = in_a(s, g);
      return opposite.defined() ? -opposite : opposite;
    };
    const auto in_scale = [loss, share](const engine::Saved& s, const Tensor& g) {
      const Tensor all = derivative<Order>(loss, s.input(0), s.input(1), g, share, s.input(3 + 0 * sizeof(Mask))...);
      return s.shape(2).rank() == 0 ? sum(all) : all;
    };
    return engine::make_node<3 + sizeof...(Mask)>(loss.name, {&a, &b, &scale, &mask...}, std::move(out),
                                                  engine::saves_inputs, in_a, in_b, in_scale, (void(mask), none)...);
  }
}

// The share of sum(loss(a - b)), or of sum(mask * loss(a - b)).
template <class Loss, class... Mask>
Tensor difference_loss(const Loss& loss, const Tensor& a, const Tensor& b, MaskedShare share, const Mask&... mask) {
  Tensor out = share.share.make_result(a.shape(), a.dtype());
  engine::dispatch(a.dtype(), [&]<class T>(T) {
    engine::launch([to = engine::fresh<T>(out), x = engine::read<T>(a), y = engine::read<T>(b), n = a.numel(), share,
                    loss, seen = shown<T>(mask...)] {
      share.of(seen.mask, n).reduce(to, n, [=](std::int64_t i) { return seen(loss.template at<0>(x[i] - y[i]), i); });
    });
  });
  const auto rule = [loss, share](std::size_t mine, std::size_t other) {
    return [=](const engine::Saved& s, const Tensor& g) {
      return derivative<1>(loss, s.input(mine), s.input(other), g, share, s.input(2 + 0 * sizeof(Mask))...);
    };
  };
  return engine::make_node<2 + sizeof...(Mask)>(loss.name, {&a, &b, &mask...}, std::move(out), engine::saves_inputs,
                                                rule(0, 1), rule(1, 0), (void(mask), none)...);
}

template <class Loss>
Tensor difference_loss(const Loss& loss, const Tensor& a, const Tensor& b, Reduction reduction) {
  check_alike(loss.name, a, b);
  return difference_loss(loss, a, b, MaskedShare{detail::share_of(loss.name, reduction, a.numel())});
}

}  // namespace

Tensor mse_loss(const Tensor& prediction, const Tensor& target, Reduction reduction) {
  return difference_loss(Squares{"mse_loss"}, prediction, target, reduction);
}

Tensor masked_mse_loss(const Tensor& prediction, const Tensor& target, const Tensor& mask, Reduction reduction) {
  const Squares loss{"masked_mse_loss"};
  check_alike(loss.name, prediction, target);
  check_alike(loss.name, prediction, mask);
  const bool observed = reduction == Reduction::MeanObserved;
  const auto share = observed ? Share{} : detail::share_of(loss.name, reduction, prediction.numel());
  return difference_loss(loss, prediction, target, {share, observed}, mask);
}

Tensor l1_loss(const Tensor& prediction, const Tensor& target, Reduction reduction) {
  return difference_loss(Bowl{"l1_loss", 1.0, 0.0}, prediction, target, reduction);
}

Tensor smooth_l1_loss(const Tensor& prediction, const Tensor& target, double beta, Reduction reduction) {
  if (!(beta >= 0.0 && std::isfinite(beta)))
    engine::fail("smooth_l1_loss: beta must be >= 0 and finite (got {})", beta);
  return difference_loss(Bowl{"smooth_l1_loss", 1.0, beta}, prediction, target, reduction);
}

Tensor huber_loss(const Tensor& prediction, const Tensor& target, double delta, Reduction reduction) {
  if (!(delta > 0.0 && std::isfinite(delta))) engine::fail("huber_loss: delta must be > 0 and finite (got {})", delta);
  return difference_loss(Bowl{"huber_loss", delta, delta}, prediction, target, reduction);
}

Tensor sensing_loss(const Tensor& w, const Tensor& measurements, const Tensor& values, Reduction reduction) {
  engine::check_same_dtype("sensing_loss", w, measurements);
  engine::check_same_dtype("sensing_loss", w, values);
  const int axes = measurements.dim() - 1, models = w.dim() - axes;
  if (axes < 0 || models < 0 || measurements.shape().tail(1) != w.shape().tail(models))
    engine::fail("sensing_loss: measurements must be [count, ...] of matrices {}, got {}", w.shape().str(),
                 measurements.shape().str());
  const Tensor rows = measurements.reshape({measurements.size(0), measurements.shape().tail(1).numel()});
  if (models == 0) return mse_loss(matmul(rows, w.reshape({w.numel()})), values, reduction);
  const Tensor products = matmul(w.reshape(w.shape().head(models).inserted(models, rows.size(1))), rows.t());
  return mse_loss(products, values.dim() == 1 ? values.expand(products.shape()) : values, reduction);
}

}  // namespace sigmagrad
