// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/sgd.hpp>

#include <sigmagrad/autograd/kernels/access.hpp>
#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/kernels/multiversion.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/optim/detail/model_rates.hpp>

namespace sigmagrad::optim {
namespace {

template <class T>
SIGMAGRAD_MULTIVERSION void plain(T* p, const T* g, std::int64_t n, T lr, T decay) {
  if (decay == T(0))
    for (std::int64_t i = 0; i < n; ++i) p[i] -= lr * g[i];
  else
    for (std::int64_t i = 0; i < n; ++i) p[i] -= lr * (g[i] + decay * p[i]);
}

template <class T>
SIGMAGRAD_MULTIVERSION void with_momentum(T* p, T* b, const T* grad, std::int64_t n, T lr, bool first,
                                          const SGDOptions& options) {
  const T decay = static_cast<T>(options.weight_decay), momentum = static_cast<T>(options.momentum);
  const T old = first ? T(0) : momentum, fresh = first ? T(1) : static_cast<T>(1.0 - options.dampening);
  const T from_grad = options.nesterov ? T(1) : T(0), from_buffer = options.nesterov ? momentum : T(1);
  for (std::int64_t i = 0; i < n; ++i) {
    const T g = grad[i] + decay * p[i];
    b[i] = old * b[i] + fresh * g;
    p[i] -= lr * (from_grad * g + from_buffer * b[i]);
  }
}

}  // namespace

void SGDOptions::check() const {
  if (!(lr >= 0.0)) engine::fail("SGD: lr must be >= 0 (got {})", lr);
  if (!(momentum >= 0.0)) engine::fail("SGD: momentum must be >= 0 (got {})", momentum);
  if (!(weight_decay >= 0.0)) engine::fail("SGD: weight_decay must be >= 0 (got {})", weight_decay);
  if (nesterov && (momentum <= 0.0 || dampening != 0.0))
    engine::fail("SGD: nesterov needs momentum > 0 and dampening = 0 (got {} and {})", momentum, dampening);
}

SGDOptions SGDGroup::over(SGDOptions o) const {
  take_given(std::tie(o.lr, o.momentum, o.dampening, o.weight_decay, o.nesterov, o.lr_scale),
             std::tie(lr, momentum, dampening, weight_decay, nesterov, lr_scale));
  return o;
}

void SGD::update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) {
  const Options& o = options(group);
  engine::dispatch(parameter.dtype(), [&]<class T>(T) {
    const T* g = engine::read<T>(grad);
    T* buffer = o.momentum == 0.0 ? nullptr : engine::write<T>(state.buffer("momentum_buffer", parameter));
    with_rates(group.lr(), parameter, [&](const auto& rates) {
      engine::launch([p = engine::write<T>(parameter), buffer, g, rates, step = state.step.address(), o = &o] {
        rates.each([&](std::int64_t i, std::int64_t n, double lr) {
          if (buffer)
            with_momentum(p + i, buffer + i, g + i, n, static_cast<T>(lr), *step == 1, *o);
          else
            plain(p + i, g + i, n, static_cast<T>(lr), static_cast<T>(o->weight_decay));
        });
      });
    });
  });
}

}  // namespace sigmagrad::optim
