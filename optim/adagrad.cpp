// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/adagrad.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>

#include <sigmagrad/autograd/kernels/access.hpp>
#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/kernels/loops.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/optim/detail/gradient_check.hpp>
#include <sigmagrad/optim/detail/model_rates.hpp>

namespace sigmagrad::optim {
namespace {

template <class T>
SIGMAGRAD_MULTIVERSION void adagrad_loop(T* __restrict p, T* __restrict sum, const T* __restrict grad, std::int64_t n,
                                         T rate, T decay, T eps) {
  for (std::int64_t i = 0; i < n; ++i) {
    const T g = grad[i] + decay * p[i];
    sum[i] += g * g;
    p[i] -= rate * g / (std::sqrt(sum[i]) + eps);
  }
}

// Whether that loop will leave finite sums.
template <class T>
SIGMAGRAD_MULTIVERSION bool sums_stay_finite(const T* p, const T* sum, const T* grad, std::int64_t n, T start,
                                             T decay) {
  engine::Count<T> beyond = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    const T g = grad[i] + decay * p[i];
    beyond |= (start + sum[i]) + g * g <= std::numeric_limits<T>::max() ? 0 : 1;
  }
  return beyond == 0;
}

}  // namespace

void AdagradOptions::check() const {
  if (!(lr >= 0.0)) engine::fail("Adagrad: lr must be >= 0 (got {})", lr);
  if (!(lr_decay >= 0.0)) engine::fail("Adagrad: lr_decay must be >= 0 (got {})", lr_decay);
  if (!(weight_decay >= 0.0)) engine::fail("Adagrad: weight_decay must be >= 0 (got {})", weight_decay);
  if (!(initial_accumulator_value >= 0.0))
    engine::fail("Adagrad: initial_accumulator_value must be >= 0 (got {})", initial_accumulator_value);
  if (!(eps >= 0.0)) engine::fail("Adagrad: eps must be >= 0 (got {})", eps);
}

AdagradOptions AdagradGroup::over(AdagradOptions o) const {
  take_given(std::tie(o.lr, o.lr_decay, o.weight_decay, o.initial_accumulator_value, o.eps, o.lr_scale),
             std::tie(lr, lr_decay, weight_decay, initial_accumulator_value, eps, lr_scale));
  return o;
}

void Adagrad::check(std::size_t number, const Tensor& parameter, const Tensor& grad, State& state, const Group& group) {
  const Options& o = options(group);
  engine::dispatch(parameter.dtype(), [&]<class T>(T) {
    const T *p = engine::read<T>(parameter), *g = engine::read<T>(grad);
    const T* sum = engine::read<T>(state.buffer("sum", parameter));
    engine::launch([p, g, sum, number, shape = parameter.shape(), step = state.step.address(), o = &o] {
      const T start = static_cast<T>(*step == 0 ? o->initial_accumulator_value : 0.0);
      std::atomic<bool> finite = true;
      engine::parallel_for(shape.numel(), engine::entry_grain, [&](std::int64_t i, std::int64_t end) {
        if (!sums_stay_finite(p + i, sum + i, g + i, end - i, start, static_cast<T>(o->weight_decay)))
          finite.store(false, std::memory_order_relaxed);
      });
      if (!finite) detail::refuse_gradient("Adagrad", number, shape, g);
    });
  });
}

void Adagrad::update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) {
  const Options& o = options(group);
  engine::dispatch(parameter.dtype(), [&]<class T>(T) {
    T* sum = engine::write<T>(state.buffer("sum", parameter));
    const T* g = engine::read<T>(grad);
    with_rates(group.lr(), parameter, [&](const auto& rates) {
      engine::launch([p = engine::write<T>(parameter), sum, g, all = parameter.numel(), rates,
                      step = state.step.address(), o = &o] {
        if (*step == 1) std::fill_n(sum, all, static_cast<T>(o->initial_accumulator_value));
        const double slower = 1.0 + static_cast<double>(*step - 1) * o->lr_decay;
        rates.each([&](std::int64_t i, std::int64_t n, double lr) {
          adagrad_loop(p + i, sum + i, g + i, n, static_cast<T>(lr / slower), static_cast<T>(o->weight_decay),
                       static_cast<T>(o->eps));
        });
      });
    });
  });
}

}  // namespace sigmagrad::optim
