// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/sgd.hpp>

#include <sigmagrad/autograd/kernels/access.hpp>
#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/kernels/multiversion.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::optim {
namespace {

SGDOptions checked(const SGDOptions& o) {
  if (!(o.lr >= 0.0)) engine::fail("SGD: lr must be >= 0 (got {})", o.lr);
  if (!(o.momentum >= 0.0)) engine::fail("SGD: momentum must be >= 0 (got {})", o.momentum);
  if (!(o.weight_decay >= 0.0)) engine::fail("SGD: weight_decay must be >= 0 (got {})", o.weight_decay);
  if (o.nesterov && (o.momentum <= 0.0 || o.dampening != 0.0))
    engine::fail("SGD: nesterov needs momentum > 0 and dampening = 0 (got {} and {})", o.momentum, o.dampening);
  return o;
}

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

SGD::SGD(std::vector<Tensor> params, Options options)
    : Optimizer(std::move(params), checked(options).lr), options_(options) {}
SGD::SGD(std::vector<GroupOptions> groups, Options options)
    : Optimizer(std::move(groups), checked(options).lr), options_(options) {}

void SGD::update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) {
  engine::dispatch(parameter.dtype(), [&]<class T>(T) {
    const T* g = engine::read<T>(grad);
    T* buffer = options_.momentum == 0.0 ? nullptr : engine::write<T>(state.buffer("momentum_buffer", parameter));
    engine::launch([p = engine::write<T>(parameter), buffer, g, n = parameter.numel(), lr = group.lr(),
                    step = state.step.address(), o = options_] {
      const T rate = static_cast<T>(lr.now());
      if (buffer)
        with_momentum(p, buffer, g, n, rate, *step == 1, o);
      else
        plain(p, g, n, rate, static_cast<T>(o.weight_decay));
    });
  });
}

}  // namespace sigmagrad::optim
