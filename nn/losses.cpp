// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/detail/fail.hpp>
#include <sigmagrad/autograd/detail/reduce.hpp>
#include <sigmagrad/autograd/elementwise.hpp>
#include <sigmagrad/nn/losses.hpp>

namespace sigmagrad {
namespace {

using detail::Saved;

/// factor * scale * (a - b), where scale is a tensor of one entry: the gradient of the loss in one pass.
Tensor scaled_difference(const Tensor& a, const Tensor& b, const Tensor& scale, double factor) {
  if (grad_enabled()) return (a - b) * (factor * scale);
  Tensor out = detail::make_tensor(a.shape(), a.dtype());
  detail::dispatch(a.dtype(), [&]<class T>(T) {
    detail::launch([to = detail::fresh<T>(out), x = detail::read<T>(a), y = detail::read<T>(b),
                    s = detail::read<T>(scale), f = static_cast<T>(factor), n = a.numel()] {
      detail::broadcast_row(to, x, y, n, true, true, [c = f * *s](T p, T q) { return c * (p - q); });
    });
  });
  return out;
}

/// factor * sum((a - b)^2)
Tensor squared_error(const Tensor& a, const Tensor& b, double factor) {
  Tensor out = detail::make_tensor({}, a.dtype());
  detail::dispatch(a.dtype(), [&]<class T>(T) {
    detail::launch([to = detail::fresh<T>(out), x = detail::read<T>(a), y = detail::read<T>(b),
                    f = static_cast<T>(factor), n = a.numel()] {
      *to = f * detail::sum_entries<T>(0, n, [x, y](std::int64_t i) { return (x[i] - y[i]) * (x[i] - y[i]); });
    });
  });
  return detail::record<2>(
      "mse_loss", {&a, &b}, std::move(out), detail::saves_inputs,
      [factor](const Saved& s, const Tensor& g) { return scaled_difference(s.input(0), s.input(1), g, 2.0 * factor); },
      [factor](const Saved& s, const Tensor& g) { return scaled_difference(s.input(1), s.input(0), g, 2.0 * factor); });
}

}  // namespace

Tensor mse_loss(const Tensor& prediction, const Tensor& target, Reduction reduction) {
  if (prediction.shape() != target.shape())
    detail::fail("mse_loss: shapes differ: {} and {}", prediction.shape().str(), target.shape().str());
  detail::check_same_dtype("mse_loss", prediction, target);
  switch (reduction) {
    case Reduction::Mean:
      return squared_error(prediction, target, 1.0 / static_cast<double>(prediction.numel()));
    case Reduction::Sum:
      return squared_error(prediction, target, 1.0);
    case Reduction::HalfSum:
      return squared_error(prediction, target, 0.5);
  }
  detail::fail("mse_loss: unknown reduction {}", static_cast<int>(reduction));
}

}  // namespace sigmagrad
