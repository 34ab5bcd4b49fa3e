// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/rmsprop.hpp>

#include <cmath>

#include <sigmagrad/autograd/kernels/access.hpp>
#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/kernels/multiversion.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/optim/detail/gradient_check.hpp>

namespace sigmagrad::optim {
namespace {

RMSpropOptions checked(const RMSpropOptions& o) {
  if (!(o.lr >= 0.0)) engine::fail("RMSprop: lr must be >= 0 (got {})", o.lr);
  if (!(o.alpha >= 0.0 && o.alpha <= 1.0)) engine::fail("RMSprop: alpha must be in [0, 1] (got {})", o.alpha);
  if (!(o.eps >= 0.0)) engine::fail("RMSprop: eps must be >= 0 (got {})", o.eps);
  if (!(o.weight_decay >= 0.0)) engine::fail("RMSprop: weight_decay must be >= 0 (got {})", o.weight_decay);
  if (!(o.momentum >= 0.0)) engine::fail("RMSprop: momentum must be >= 0 (got {})", o.momentum);
  return o;
}

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

RMSprop::RMSprop(std::vector<Tensor> params, Options options)
    : Optimizer(std::move(params), checked(options).lr), options_(options) {}
RMSprop::RMSprop(std::vector<GroupOptions> groups, Options options)
    : Optimizer(std::move(groups), checked(options).lr), options_(options) {}

void RMSprop::check(std::size_t number, const Tensor& parameter, const Tensor& grad, State&, const Group&) {
  detail::refuse_infinite_squares({"RMSprop", number, parameter, grad}, options_.weight_decay);
}

void RMSprop::update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) {
  engine::dispatch(parameter.dtype(), [&]<class T>(T) {
    const auto kept = [&](const char* name, bool wanted) {
      return wanted ? engine::write<T>(state.buffer(name, parameter)) : nullptr;
    };
    T* v = kept("square_avg", true);
    T* mean = kept("grad_avg", options_.centered);
    T* buffer = kept("momentum_buffer", options_.momentum > 0.0);
    const T* g = engine::read<T>(grad);
    auto* const loop = mean ? (buffer ? rmsprop_loop<T, true, true> : rmsprop_loop<T, true, false>)
                            : (buffer ? rmsprop_loop<T, false, true> : rmsprop_loop<T, false, false>);
    engine::launch([loop, p = engine::write<T>(parameter), v, mean, buffer, g, n = parameter.numel(), lr = group.lr(),
                    o = options_] { loop(p, v, mean, buffer, g, n, static_cast<T>(lr.now()), o); });
  });
}

}  // namespace sigmagrad::optim
