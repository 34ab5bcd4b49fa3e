// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/adam.hpp>

#include <algorithm>
#include <cmath>

#include <sigmagrad/autograd/kernels/access.hpp>
#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/kernels/multiversion.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/optim/detail/gradient_check.hpp>

namespace sigmagrad::optim {
namespace {

AdamOptions checked(const char* name, const AdamOptions& o) {
  if (!(o.lr >= 0.0)) engine::fail("{}: lr must be >= 0 (got {})", name, o.lr);
  for (const double beta : o.betas)
    if (!(beta >= 0.0 && beta < 1.0)) engine::fail("{}: betas must be in [0, 1) (got {})", name, beta);
  if (!(o.eps >= 0.0)) engine::fail("{}: eps must be >= 0 (got {})", name, o.eps);
  if (!(o.weight_decay >= 0.0)) engine::fail("{}: weight_decay must be >= 0 (got {})", name, o.weight_decay);
  return o;
}

// The scalars of one step. `root` is 1 / sqrt(1 - b2^t); of `keep` and `decay` one is neutral.
template <class T>
struct Coefficients {
  T b1, b2, fresh1, fresh2, rate, root, eps, decay, keep;

  Coefficients(const AdamOptions& o, bool decoupled, double lr, std::int64_t step)
      : b1(static_cast<T>(o.betas[0])),
        b2(static_cast<T>(o.betas[1])),
        fresh1(static_cast<T>(1.0 - o.betas[0])),
        fresh2(static_cast<T>(1.0 - o.betas[1])),
        rate(static_cast<T>(lr / (1.0 - std::pow(o.betas[0], static_cast<double>(step))))),
        root(static_cast<T>(1.0 / std::sqrt(1.0 - std::pow(o.betas[1], static_cast<double>(step))))),
        eps(static_cast<T>(o.eps)),
        decay(static_cast<T>(decoupled ? 0.0 : o.weight_decay)),
        keep(static_cast<T>(decoupled ? 1.0 - lr * o.weight_decay : 1.0)) {}
};

// Division and square root bound this loop: wide registers halve its time twice.
template <class T, bool Amsgrad>
SIGMAGRAD_MULTIVERSION void adam_loop(T* __restrict p, T* __restrict m, T* __restrict v, T* __restrict largest,
                                      const T* __restrict grad, std::int64_t n, Coefficients<T> c) {
  for (std::int64_t i = 0; i < n; ++i) {
    const T g = grad[i] + c.decay * p[i];
    m[i] = c.b1 * m[i] + c.fresh1 * g;
    v[i] = c.b2 * v[i] + c.fresh2 * (g * g);
    T second = v[i];
    if constexpr (Amsgrad) second = largest[i] = largest[i] > second ? largest[i] : second;
    p[i] = c.keep * p[i] - c.rate * m[i] / (std::sqrt(second) * c.root + c.eps);
  }
}

}  // namespace

template <class Params>
Adam::Adam(const char* name, Params params, Options options, Decay decay)
    : Optimizer(std::move(params), checked(name, options).lr), options_(options), decay_(decay) {}
template Adam::Adam(const char*, std::vector<Tensor>, Options, Decay);
template Adam::Adam(const char*, std::vector<GroupOptions>, Options, Decay);

Adam::Adam(std::vector<Tensor> params, Options options) : Adam("Adam", std::move(params), options, Decay::Coupled) {}
Adam::Adam(std::vector<GroupOptions> groups, Options options)
    : Adam("Adam", std::move(groups), options, Decay::Coupled) {}

void Adam::check(std::size_t number, const Tensor& parameter, const Tensor& grad, State&, const Group&) {
  const bool coupled = decay_ == Decay::Coupled;
  detail::refuse_infinite_squares({coupled ? "Adam" : "AdamW", number, parameter, grad},
                                  coupled ? options_.weight_decay : 0.0);
}

void Adam::update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) {
  engine::dispatch(parameter.dtype(), [&]<class T>(T) {
    T* m = engine::write<T>(state.buffer("exp_avg", parameter));
    T* v = engine::write<T>(state.buffer("exp_avg_sq", parameter));
    T* largest = options_.amsgrad ? engine::write<T>(state.buffer("max_exp_avg_sq", parameter)) : nullptr;
    const T* g = engine::read<T>(grad);
    engine::launch([p = engine::write<T>(parameter), m, v, largest, g, n = parameter.numel(), lr = group.lr(),
                    step = state.step.address(), o = options_, decoupled = decay_ == Decay::Decoupled] {
      const Coefficients<T> c(o, decoupled, lr.now(), *step);
      largest ? adam_loop<T, true>(p, m, v, largest, g, n, c) : adam_loop<T, false>(p, m, v, largest, g, n, c);
    });
  });
}

}  // namespace sigmagrad::optim
