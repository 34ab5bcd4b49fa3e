// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/rmsprop.hpp>

#include <cmath>

#include <sigmagrad/autograd/kernels/access.hpp>
#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/kernels/multiversion.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/optim/detail/gradient_check.hpp>
#include <sigmagrad/optim/detail/model_rates.hpp>

namespace sigmagrad::optim {
namespace {

// `mean` and `buffer` are read only where the options want them.
template <class T, bool Centered, bool Momentum>
SIGMAGRAD_MULTIVERSION void rmsprop_loop(T* __restrict p, T* __restrict v, T* __restrict mean, T* __restrict buffer,
                                         const T* __restrict grad, std::int64_t n, T lr, const RMSpropOptions& o) {
  const T alpha = static_cast<T>(o.alpha), eps = static_cast<T>(o.eps), decay = static_cast<T>(o.weight_decay);
  const T momentum = static_cast<T>(o.momentum), fresh = static_cast<T>(1.0 - o.alpha);
  for (std::int64_t i = 0; i < n; ++i) {
    const T g = grad[i] + decay * p[i];
    T second = v[i] = alpha * v[i] + fresh * (g * g);
    if constexpr (Centered) {
      mean[i] = alpha * mean[i] + fresh * g;
      second -= mean[i] * mean[i];
      second = second < T(0) ? T(0) : second;  // rounding, where the gradient hardly changes
    }
    T step = g / (std::sqrt(second) + eps);
    if constexpr (Momentum) step = buffer[i] = momentum * buffer[i] + step;
    p[i] -= lr * step;
  }
}

}  // namespace

void RMSpropOptions::check() const {
  if (!(lr >= 0.0)) engine::fail("RMSprop: lr must be >= 0 (got {})", lr);
  if (!(alpha >= 0.0 && alpha <= 1.0)) engine::fail("RMSprop: alpha must be in [0, 1] (got {})", alpha);
  if (!(eps >= 0.0)) engine::fail("RMSprop: eps must be >= 0 (got {})", eps);
  if (!(weight_decay >= 0.0)) engine::fail("RMSprop: weight_decay must be >= 0 (got {})", weight_decay);
  if (!(momentum >= 0.0)) engine::fail("RMSprop: momentum must be >= 0 (got {})", momentum);
}

RMSpropOptions RMSpropGroup::over(RMSpropOptions o) const {
  take_given(std::tie(o.lr, o.alpha, o.eps, o.weight_decay, o.momentum, o.centered, o.lr_scale),
             std::tie(lr, alpha, eps, weight_decay, momentum, centered, lr_scale));
  return o;
}

void RMSprop::check(std::size_t number, const Tensor& parameter, const Tensor& grad, State&, const Group& group) {
  detail::refuse_infinite_squares({"RMSprop", number, parameter, grad}, options(group).weight_decay);
}

void RMSprop::update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) {
  const Options& o = options(group);
  engine::dispatch(parameter.dtype(), [&]<class T>(T) {
    const auto kept = [&](const char* name, bool wanted) {
      return wanted ? engine::write<T>(state.buffer(name, parameter)) : nullptr;
    };
    T* v = kept("square_avg", true);
    T* mean = kept("grad_avg", o.centered);
    T* buffer = kept("momentum_buffer", o.momentum > 0.0);
    const T* g = engine::read<T>(grad);
    auto* const loop = mean ? (buffer ? rmsprop_loop<T, true, true> : rmsprop_loop<T, true, false>)
                            : (buffer ? rmsprop_loop<T, false, true> : rmsprop_loop<T, false, false>);
    with_rates(group.lr(), parameter, [&](const auto& rates) {
      engine::launch([loop, p = engine::write<T>(parameter), v, mean, buffer, g, o = &o, rates] {
        rates.each([&](std::int64_t i, std::int64_t n, double lr) {
          loop(p + i, v + i, mean ? mean + i : mean, buffer ? buffer + i : buffer, g + i, n, static_cast<T>(lr), *o);
        });
      });
    });
  });
}

}  // namespace sigmagrad::optim
