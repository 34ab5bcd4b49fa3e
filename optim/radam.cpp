// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/radam.hpp>

#include <cmath>

#include <sigmagrad/autograd/kernels/multiversion.hpp>
#include <sigmagrad/optim/detail/adam_step.hpp>
#include <sigmagrad/optim/detail/gradient_check.hpp>
#include <sigmagrad/optim/detail/rectification.hpp>
#include <sigmagrad/optim/detail/two_averages.hpp>

namespace sigmagrad::optim {
namespace {

// The scalars of one step. The divisor is sqrt(v) + eps, or 1 before the variance is known.
template <class T>
struct RAdamCoefficients {
  T b1, b2, fresh1, fresh2, rate, of_root, eps, decay, keep;

  RAdamCoefficients(const RAdamOptions& o, std::int64_t step)
      : b1(static_cast<T>(o.betas[0])),
        b2(static_cast<T>(o.betas[1])),
        fresh1(static_cast<T>(1.0 - o.betas[0])),
        fresh2(static_cast<T>(1.0 - o.betas[1])),
        decay(static_cast<T>(o.decoupled_weight_decay ? 0.0 : o.weight_decay)),
        decoupled_(o.decoupled_weight_decay ? o.weight_decay : 0.0) {
    const auto t = static_cast<double>(step);
    const double unbiased = 1.0 / (1.0 - std::pow(o.betas[0], t));
    const auto rectified = rectification(o.betas[1], t);
    const bool known = rectified.length > 5.0;
    per_lr_ = known ? unbiased * rectified.factor * std::sqrt(1.0 - std::pow(o.betas[1], t)) : unbiased;
    of_root = known ? T(1) : T(0);
    eps = known ? static_cast<T>(o.eps) : T(1);
  }

  const RAdamCoefficients& at(double lr) {
    rate = static_cast<T>(lr * per_lr_);
    keep = static_cast<T>(1.0 - lr * decoupled_);
    return *this;
  }

 private:
  double per_lr_, decoupled_;
};

template <class T>
SIGMAGRAD_MULTIVERSION void radam_loop(T* __restrict p, T* __restrict m, T* __restrict v, const T* __restrict grad,
                                       std::int64_t n, const RAdamCoefficients<T>& given) {
  const RAdamCoefficients<T> c = given;
  for (std::int64_t i = 0; i < n; ++i) {
    const T g = grad[i] + c.decay * p[i];
    m[i] = c.b1 * m[i] + c.fresh1 * g;
    v[i] = c.b2 * v[i] + c.fresh2 * (g * g);
    p[i] = c.keep * p[i] - c.rate * m[i] / (c.of_root * std::sqrt(v[i]) + c.eps);
  }
}

}  // namespace

void RAdamOptions::check() const { check_adam_options("RAdam", *this); }

RAdamOptions RAdamGroup::over(RAdamOptions o) const {
  take_given(std::tie(o.lr, o.betas, o.eps, o.weight_decay, o.decoupled_weight_decay, o.lr_scale),
             std::tie(lr, betas, eps, weight_decay, decoupled_weight_decay, lr_scale));
  return o;
}

void RAdam::check(std::size_t number, const Tensor& parameter, const Tensor& grad, State&, const Group& group) {
  const Options& o = options(group);
  detail::refuse_infinite_squares({"RAdam", number, parameter, grad}, o.decoupled_weight_decay ? 0.0 : o.weight_decay);
}

void RAdam::update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) {
  const auto coefficients = [o = &options(group)]<class T>(T, std::int64_t step) {
    return RAdamCoefficients<T>(*o, step);
  };
  update_two_averages(parameter, grad, state, group, "exp_avg_sq", coefficients,
                      [](const auto&... given) { radam_loop(given...); });
}

}  // namespace sigmagrad::optim
