// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/detail/adam_step.hpp>

#include <cmath>

#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/kernels/multiversion.hpp>
#include <sigmagrad/optim/detail/model_rates.hpp>

namespace sigmagrad::optim {
namespace {

// The scalars of one step. `root` is 1 / sqrt(1 - b2^t); of `keep` and `decay` one is neutral.
template <class T>
struct Coefficients {
  T b1, b2, fresh1, fresh2, rate, root, eps, decay, keep;

  Coefficients(const AdamStep& o, std::int64_t step)
      : b1(static_cast<T>(o.betas[0])),
        b2(static_cast<T>(o.betas[1])),
        fresh1(static_cast<T>(1.0 - o.betas[0])),
        fresh2(static_cast<T>(1.0 - o.betas[1])),
        root(static_cast<T>(1.0 / std::sqrt(1.0 - std::pow(o.betas[1], static_cast<double>(step))))),
        eps(static_cast<T>(o.eps)),
        decay(static_cast<T>(o.coupled_decay)),
        bias_(1.0 - std::pow(o.betas[0], static_cast<double>(step))),
        decoupled_(o.decoupled_decay) {}

  const Coefficients& at(double lr) {
    rate = static_cast<T>(lr / bias_);
    keep = static_cast<T>(1.0 - lr * decoupled_);
    return *this;
  }

 private:
  double bias_, decoupled_;
};

// Division and square root bound this loop: wide registers halve its time twice.
template <class T, bool Amsgrad>
SIGMAGRAD_MULTIVERSION void adam_loop(T* __restrict p, T* __restrict m, T* __restrict v, T* __restrict largest,
                                      const T* __restrict grad, std::int64_t n, const Coefficients<T>& given) {
  const Coefficients<T> c = given;
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

void adam_update(const Tensor& parameter, const Tensor& grad, State& state, const Group& group,
                 const AdamStep& options) {
  engine::dispatch(parameter.dtype(), [&]<class T>(T) {
    T* m = engine::write<T>(state.buffer("exp_avg", parameter));
    T* v = engine::write<T>(state.buffer("exp_avg_sq", parameter));
    T* largest = options.amsgrad ? engine::write<T>(state.buffer("max_exp_avg_sq", parameter)) : nullptr;
    const T* g = engine::read<T>(grad);
    with_rates(group.lr(), parameter, [&](const auto& rates) {
      engine::launch(
          [p = engine::write<T>(parameter), m, v, largest, g, rates, step = state.step.address(), o = options] {
            const Coefficients<T> all(o, *step);
            rates.each([&](std::int64_t i, std::int64_t n, double lr) {
              Coefficients<T> c = all;
              if (largest)
                adam_loop<T, true>(p + i, m + i, v + i, largest + i, g + i, n, c.at(lr));
              else
                adam_loop<T, false>(p + i, m + i, v + i, nullptr, g + i, n, c.at(lr));
            });
          });
    });
  });
}

}  // namespace sigmagrad::optim
