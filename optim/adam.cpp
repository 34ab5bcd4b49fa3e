// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <sigmagrad/autograd/detail/elementwise.hpp>
#include <sigmagrad/autograd/detail/fail.hpp>
#include <sigmagrad/autograd/detail/multiversion.hpp>
#include <sigmagrad/optim/adam.hpp>

namespace sigmagrad::optim {
namespace {

AdamOptions checked(const AdamOptions& o) {
  if (!(o.lr >= 0.0)) detail::fail("Adam: lr must be >= 0 (got {})", o.lr);
  for (const double beta : o.betas)
    if (!(beta >= 0.0 && beta < 1.0)) detail::fail("Adam: betas must be in [0, 1) (got {})", beta);
  if (!(o.eps >= 0.0)) detail::fail("Adam: eps must be >= 0 (got {})", o.eps);
  if (!(o.weight_decay >= 0.0)) detail::fail("Adam: weight_decay must be >= 0 (got {})", o.weight_decay);
  return o;
}

/// The scalars of one step. `root` is 1 / sqrt(1 - b2^t).
template <class T>
struct Coefficients {
  T b1, b2, rate, root, eps, decay;

  Coefficients(const AdamOptions& o, double lr, std::int64_t step)
      : b1(static_cast<T>(o.betas[0])),
        b2(static_cast<T>(o.betas[1])),
        rate(static_cast<T>(lr / (1.0 - std::pow(o.betas[0], static_cast<double>(step))))),
        root(static_cast<T>(1.0 / std::sqrt(1.0 - std::pow(o.betas[1], static_cast<double>(step))))),
        eps(static_cast<T>(o.eps)),
        decay(static_cast<T>(o.weight_decay)) {}
};

// Division and square root bound this loop: wide registers halve its time twice.
template <class T, bool Amsgrad>
SIGMAGRAD_MULTIVERSION void adam_loop(T* __restrict p, T* __restrict m, T* __restrict v, T* __restrict largest,
                                      const T* __restrict grad, std::int64_t n, Coefficients<T> c) {
  for (std::int64_t i = 0; i < n; ++i) {
    const T g = grad[i] + c.decay * p[i];
    m[i] = c.b1 * m[i] + (T(1) - c.b1) * g;
    v[i] = c.b2 * v[i] + (T(1) - c.b2) * (g * g);
    T second = v[i];
    if constexpr (Amsgrad) second = largest[i] = largest[i] > second ? largest[i] : second;
    p[i] -= c.rate * m[i] / (std::sqrt(second) * c.root + c.eps);
  }
}

}  // namespace

Adam::Adam(std::vector<Tensor> params, Options options)
    : Optimizer(std::move(params), checked(options).lr), options_(options) {}
Adam::Adam(std::vector<GroupOptions> groups, Options options)
    : Optimizer(std::move(groups), checked(options).lr), options_(options) {}

void Adam::update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) {
  detail::dispatch(parameter.dtype(), [&]<class T>(T) {
    T* m = detail::write<T>(state.zeros("exp_avg", parameter));
    T* v = detail::write<T>(state.zeros("exp_avg_sq", parameter));
    T* largest = options_.amsgrad ? detail::write<T>(state.zeros("max_exp_avg_sq", parameter)) : nullptr;
    const T* g = detail::read<T>(grad);
    detail::launch([p = detail::write<T>(parameter), m, v, largest, g, n = parameter.numel(), lr = group.lr(),
                    step = &state.step, o = options_] {
      const Coefficients<T> c(o, lr, *step);
      largest ? adam_loop<T, true>(p, m, v, largest, g, n, c) : adam_loop<T, false>(p, m, v, largest, g, n, c);
    });
  });
}

}  // namespace sigmagrad::optim
