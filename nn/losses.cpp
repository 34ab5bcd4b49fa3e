// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/nn/losses.hpp>

#include <algorithm>
#include <cmath>

#include <sigmagrad/autograd/kernels/reduce.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/pointwise.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/nn/detail/reduction.hpp>

namespace sigmagrad {
namespace {
using detail::Share;

// factor * scale * (a - b), where scale is a tensor of one entry: the gradient of the loss in one pass.
Tensor scaled_difference(const Tensor& a, const Tensor& b, const Tensor& scale, double factor) {
  if (grad_enabled()) return (a - b) * (factor * scale);
  Tensor out = engine::make_tensor(a.shape(), a.dtype());
  engine::dispatch(a.dtype(), [&]<class T>(T) {
    engine::launch([to = engine::fresh<T>(out), x = engine::read<T>(a), y = engine::read<T>(b),
                    s = engine::read<T>(scale), f = static_cast<T>(factor), n = a.numel()] {
      engine::broadcast_row(to, x, y, n, true, true, [c = f * *s](T p, T q) { return c * (p - q); });
    });
  });
  return out;
}

// The share of sum((a - b)^2)
Tensor squared_error(const Tensor& a, const Tensor& b, Share share) {
  Tensor out = engine::make_tensor({}, a.dtype());
  engine::dispatch(a.dtype(), [&]<class T>(T) {
    engine::launch([to = engine::fresh<T>(out), x = engine::read<T>(a), y = engine::read<T>(b), share, n = a.numel()] {
      *to = share.of(engine::sum_entries<T>(0, n, [x, y](std::int64_t i) { return (x[i] - y[i]) * (x[i] - y[i]); }));
    });
  });
  const double factor = share.factor();
  return engine::make_node<2>(
      "mse_loss", {&a, &b}, std::move(out), engine::saves_inputs,
      [factor](const engine::Saved& s, const Tensor& g) {
        return scaled_difference(s.input(0), s.input(1), g, 2.0 * factor);
      },
      [factor](const engine::Saved& s, const Tensor& g) {
        return scaled_difference(s.input(1), s.input(0), g, 2.0 * factor);
      });
}

// The share of a sum over the entries of a mask; the count is the mask's own sum if `observed`.
struct MaskedShare {
  Share share;
  bool observed;

  template <class T>
  Share of(const T* mask, std::int64_t n) const {
    if (!observed) return share;
    const T sum = engine::sum_row(mask, n);
    if (sum == 0)
      engine::fail("masked_mse_loss: MeanObserved divides by the mask's sum, which is 0 (of {} entries)", n);
    return {share.times, static_cast<double>(sum)};
  }
};

template <class T>
SIGMAGRAD_MULTIVERSION void masked_difference_loop(T* __restrict out, const T* x, const T* y, const T* mask,
                                                   std::int64_t n, T factor) {
  for (std::int64_t i = 0; i < n; ++i) out[i] = engine::masked_product(mask[i], factor * (x[i] - y[i]));
}

// The share of scale * mask * (a - b), where scale is a tensor of one entry.
Tensor masked_difference(const Tensor& a, const Tensor& b, const Tensor& mask, const Tensor& scale,
                         MaskedShare masked) {
  if (grad_enabled()) {
    const auto factor = masked.share.factor() * scale;
    return engine::masked(mask, (a - b) * (masked.observed ? factor / mask.sum() : factor));
  }
  Tensor out = engine::make_tensor(a.shape(), a.dtype());
  engine::dispatch(a.dtype(), [&]<class T>(T) {
    engine::launch([to = engine::fresh<T>(out), x = engine::read<T>(a), y = engine::read<T>(b),
                    m = engine::read<T>(mask), s = engine::read<T>(scale), masked, n = a.numel()] {
      masked_difference_loop(to, x, y, m, n, *s * static_cast<T>(masked.of(m, n).factor()));
    });
  });
  return out;
}

// The share of sum(mask * (a - b)^2)
Tensor masked_squared_error(const Tensor& a, const Tensor& b, const Tensor& mask, MaskedShare masked) {
  Tensor out = engine::make_tensor({}, a.dtype());
  engine::dispatch(a.dtype(), [&]<class T>(T) {
    engine::launch([to = engine::fresh<T>(out), x = engine::read<T>(a), y = engine::read<T>(b),
                    m = engine::read<T>(mask), masked, n = a.numel()] {
      *to = masked.of(m, n).of(engine::sum_entries<T>(
          0, n, [x, y, m](std::int64_t i) { return engine::masked_product(m[i], (x[i] - y[i]) * (x[i] - y[i])); }));
    });
  });
  const MaskedShare doubled{{2.0 * masked.share.times, masked.share.count}, masked.observed};
  return engine::make_node<3>(
      "masked_mse_loss", {&a, &b, &mask}, std::move(out), engine::saves_inputs,
      [doubled](const engine::Saved& s, const Tensor& g) {
        return masked_difference(s.input(0), s.input(1), s.input(2), g, doubled);
      },
      [doubled](const engine::Saved& s, const Tensor& g) {
        return masked_difference(s.input(1), s.input(0), s.input(2), g, doubled);
      },
      [](const engine::Saved&, const Tensor&) { return Tensor(); });
}

void check_alike(const char* name, const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape()) engine::fail("{}: shapes differ: {} and {}", name, a.shape().str(), b.shape().str());
  engine::check_same_dtype(name, a, b);
}

// The cross-entropy of sigmoid(x) and y is |x| w + log(1 + e) with e = exp(-|x|), where w is the share of the class
// that x speaks against: 1 - y where x > 0, else y. Nothing cancels, for neither term is negative where 0 <= y <= 1.

// w, without a branch: `side` is the sign of x.
template <class T>
T share_against(T side, T y) {
  return side * ((T(0.5) + T(0.5) * side) - y);
}

// sigmoid(x) - y, from e where both are close to 1.
Tensor bce_slope(const Tensor& x, const Tensor& y) {
  return engine::binary(
      "bce_slope", x, y, engine::saves_input,
      [](auto v, auto t) {
        const auto e = std::exp(-std::abs(v)), side = std::copysign(decltype(v)(1), v);
        return side * (share_against(side, t) - e / (1 + e));
      },
      [](const engine::Saved& s, const Tensor& grad) {
        return grad * engine::sigmoid_slope(s.input(), sigmoid(s.input()));
      },
      [](const engine::Saved&, const Tensor& grad) { return -grad; });
}

Tensor binary_cross_entropies(const Tensor& x, const Tensor& y) {
  return engine::binary(
      "bce_with_logits", x, y, engine::saves_inputs,
      [](auto v, auto t) {
        const auto size = std::abs(v), side = std::copysign(decltype(v)(1), v);
        return engine::masked_product(size, share_against(side, t)) + std::log1p(std::exp(-size));
      },
      [](const engine::Saved& s, const Tensor& grad) { return grad * bce_slope(s.input(0), s.input(1)); },
      [](const engine::Saved& s, const Tensor& grad) { return -grad * s.input(0); });
}

}  // namespace

detail::Share detail::share_of(const char* name, Reduction reduction, std::int64_t count) {
  switch (reduction) {
    case Reduction::Mean:
      return {.count = static_cast<double>(count)};
    case Reduction::Sum:
      return {};
    case Reduction::HalfSum:
      return {.times = 0.5};
    case Reduction::MeanObserved:
      engine::fail("{}: MeanObserved needs a mask (see masked_mse_loss)", name);
  }
  engine::fail("{}: unknown reduction {}", name, static_cast<int>(reduction));
}

Tensor mse_loss(const Tensor& prediction, const Tensor& target, Reduction reduction) {
  check_alike("mse_loss", prediction, target);
  return squared_error(prediction, target, detail::share_of("mse_loss", reduction, prediction.numel()));
}

Tensor masked_mse_loss(const Tensor& prediction, const Tensor& target, const Tensor& mask, Reduction reduction) {
  check_alike("masked_mse_loss", prediction, target);
  check_alike("masked_mse_loss", prediction, mask);
  const bool observed = reduction == Reduction::MeanObserved;
  const auto share = observed ? Share{} : detail::share_of("masked_mse_loss", reduction, prediction.numel());
  return masked_squared_error(prediction, target, mask, {share, observed});
}

Tensor sensing_loss(const Tensor& w, const Tensor& measurements, const Tensor& values, Reduction reduction) {
  engine::check_same_dtype("sensing_loss", w, measurements);
  engine::check_same_dtype("sensing_loss", w, values);
  if (measurements.dim() == 0 || measurements.shape().tail(1) != w.shape())
    engine::fail("sensing_loss: measurements must be [count, ...] of matrices {}, got {}", w.shape().str(),
                 measurements.shape().str());
  const std::int64_t count = measurements.size(0);
  return mse_loss(matmul(measurements.reshape({count, w.numel()}), w.reshape({w.numel()})), values, reduction);
}

Tensor bce_with_logits(const Tensor& logits, const Tensor& targets, Reduction reduction) {
  check_alike("bce_with_logits", logits, targets);
  const auto share = detail::share_of("bce_with_logits", reduction, logits.numel());
  const auto total = sum(binary_cross_entropies(logits, targets));
  return share.count == 1.0 ? share.times * total : total / share.count;
}

}  // namespace sigmagrad
