// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/adabelief.hpp>

#include <cmath>
#include <limits>

#include <sigmagrad/autograd/kernels/multiversion.hpp>
#include <sigmagrad/optim/detail/adam_step.hpp>
#include <sigmagrad/optim/detail/gradient_check.hpp>
#include <sigmagrad/optim/detail/rectification.hpp>
#include <sigmagrad/optim/detail/two_averages.hpp>

namespace sigmagrad::optim {
namespace {

// The scalars of one step. The divisor is root sqrt(s) + floor.
template <class T>
struct AdaBeliefCoefficients {
  T b1, b2, fresh1, fresh2, eps, decay, root, floor, keep, rate;

  AdaBeliefCoefficients(const AdaBeliefOptions& o, std::int64_t step)
      : b1(static_cast<T>(o.betas[0])),
        b2(static_cast<T>(o.betas[1])),
        fresh1(static_cast<T>(1.0 - o.betas[0])),
        fresh2(static_cast<T>(1.0 - o.betas[1])),
        eps(static_cast<T>(o.eps)),
        decay(static_cast<T>(o.decoupled_weight_decay ? 0.0 : o.weight_decay)),
        root(1),
        floor(eps),
        decoupled_(o.decoupled_weight_decay ? o.weight_decay : 0.0) {
    const auto t = static_cast<double>(step);
    const double unbiased = 1.0 / (1.0 - std::pow(o.betas[0], t)), spread = std::sqrt(1.0 - std::pow(o.betas[1], t));
    const auto rectified = rectification(o.betas[1], t);
    per_lr_ = unbiased;
    if (!o.rectify)
      root = static_cast<T>(1.0 / spread);
    else if (rectified.length >= 5.0)
      per_lr_ = unbiased * rectified.factor * spread;
    else
      root = T(0), floor = T(1);
  }

  const AdaBeliefCoefficients& at(double lr) {
    rate = static_cast<T>(lr * per_lr_);
    keep = static_cast<T>(1.0 - lr * decoupled_);
    return *this;
  }

 private:
  double per_lr_, decoupled_;
};

template <class T>
SIGMAGRAD_MULTIVERSION void adabelief_loop(T* __restrict p, T* __restrict m, T* __restrict s, const T* __restrict grad,
                                           std::int64_t n, const AdaBeliefCoefficients<T>& given) {
  const AdaBeliefCoefficients<T> c = given;
  for (std::int64_t i = 0; i < n; ++i) {
    const T g = grad[i] + c.decay * p[i];
    m[i] = c.b1 * m[i] + c.fresh1 * g;
    const T surprise = g - m[i];
    s[i] = c.b2 * s[i] + c.fresh2 * (surprise * surprise) + c.eps;
    p[i] = c.keep * p[i] - c.rate * m[i] / (c.root * std::sqrt(s[i]) + c.floor);
  }
}

}  // namespace

void AdaBeliefOptions::check() const { check_adam_options("AdaBelief", *this); }

AdaBeliefOptions AdaBeliefGroup::over(AdaBeliefOptions o) const {
  take_given(std::tie(o.lr, o.betas, o.eps, o.weight_decay, o.decoupled_weight_decay, o.rectify, o.lr_scale),
             std::tie(lr, betas, eps, weight_decay, decoupled_weight_decay, rectify, lr_scale));
  return o;
}

// No entry of g or m is then beyond a quarter of the root of the largest number, so that (g - m)^2 is well below it.
void AdaBelief::check(std::size_t number, const Tensor& parameter, const Tensor& grad, State&, const Group& group) {
  const Options& o = options(group);
  const double largest = parameter.dtype() == f64 ? std::numeric_limits<double>::max()
                                                  : static_cast<double>(std::numeric_limits<float>::max());
  detail::refuse_beyond(0.25 * std::sqrt(largest), {"AdaBelief", number, parameter, grad},
                        o.decoupled_weight_decay ? 0.0 : o.weight_decay);
}

void AdaBelief::update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) {
  const auto coefficients = [o = &options(group)]<class T>(T, std::int64_t step) {
    return AdaBeliefCoefficients<T>(*o, step);
  };
  update_two_averages(parameter, grad, state, group, "exp_avg_var", coefficients,
                      [](const auto&... given) { adabelief_loop(given...); });
}

}  // namespace sigmagrad::optim
