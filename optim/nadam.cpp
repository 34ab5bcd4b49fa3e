// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/nadam.hpp>

#include <cmath>

#include <sigmagrad/autograd/kernels/multiversion.hpp>
#include <sigmagrad/optim/detail/adam_step.hpp>
#include <sigmagrad/optim/detail/gradient_check.hpp>
#include <sigmagrad/optim/detail/two_averages.hpp>

namespace sigmagrad::optim {
namespace {

// The momentum of step t.
double momentum(const NAdamOptions& o, double t) {
  return o.betas[0] * (1.0 - 0.5 * std::pow(0.96, t * o.momentum_decay));
}

// The scalars of one step; `product` is that of the momenta up to it.
template <class T>
struct NAdamCoefficients {
  T b1, b2, fresh1, fresh2, root, eps, decay, of_grad, of_mean, keep;

  NAdamCoefficients(const NAdamOptions& o, double t, double product)
      : b1(static_cast<T>(o.betas[0])),
        b2(static_cast<T>(o.betas[1])),
        fresh1(static_cast<T>(1.0 - o.betas[0])),
        fresh2(static_cast<T>(1.0 - o.betas[1])),
        root(static_cast<T>(1.0 / std::sqrt(1.0 - std::pow(o.betas[1], t)))),
        eps(static_cast<T>(o.eps)),
        decay(static_cast<T>(o.decoupled_weight_decay ? 0.0 : o.weight_decay)),
        grad_(1.0 - momentum(o, t)),
        grad_bias_(1.0 - product),
        mean_(momentum(o, t + 1.0)),
        mean_bias_(1.0 - product * mean_),
        decoupled_(o.decoupled_weight_decay ? o.weight_decay : 0.0) {}

  const NAdamCoefficients& at(double lr) {
    of_grad = static_cast<T>(lr * grad_ / grad_bias_);
    of_mean = static_cast<T>(lr * mean_ / mean_bias_);
    keep = static_cast<T>(1.0 - lr * decoupled_);
    return *this;
  }

 private:
  double grad_, grad_bias_, mean_, mean_bias_, decoupled_;
};

template <class T>
SIGMAGRAD_MULTIVERSION void nadam_loop(T* __restrict p, T* __restrict m, T* __restrict v, const T* __restrict grad,
                                       std::int64_t n, const NAdamCoefficients<T>& given) {
  const NAdamCoefficients<T> c = given;
  for (std::int64_t i = 0; i < n; ++i) {
    const T g = grad[i] + c.decay * p[i];
    m[i] = c.b1 * m[i] + c.fresh1 * g;
    v[i] = c.b2 * v[i] + c.fresh2 * (g * g);
    p[i] = c.keep * p[i] - (c.of_grad * g + c.of_mean * m[i]) / (std::sqrt(v[i]) * c.root + c.eps);
  }
}

}  // namespace

void NAdamOptions::check() const {
  check_adam_options("NAdam", *this);
  if (!(momentum_decay >= 0.0)) engine::fail("NAdam: momentum_decay must be >= 0 (got {})", momentum_decay);
}

NAdamOptions NAdamGroup::over(NAdamOptions o) const {
  take_given(std::tie(o.lr, o.betas, o.eps, o.weight_decay, o.momentum_decay, o.decoupled_weight_decay, o.lr_scale),
             std::tie(lr, betas, eps, weight_decay, momentum_decay, decoupled_weight_decay, lr_scale));
  return o;
}

void NAdam::check(std::size_t number, const Tensor& parameter, const Tensor& grad, State&, const Group& group) {
  const Options& o = options(group);
  detail::refuse_infinite_squares({"NAdam", number, parameter, grad}, o.decoupled_weight_decay ? 0.0 : o.weight_decay);
}

void NAdam::update(Tensor& parameter, const Tensor& grad, State& state, const Group& group) {
  double* product = engine::write<double>(state.buffer("mu_product", {}, f64));
  const auto coefficients = [product, o = &options(group)]<class T>(T, std::int64_t step) {
    const auto t = static_cast<double>(step);
    *product = (step == 1 ? 1.0 : *product) * momentum(*o, t);
    return NAdamCoefficients<T>(*o, t, *product);
  };
  update_two_averages(parameter, grad, state, group, "exp_avg_sq", coefficients,
                      [](const auto&... given) { nadam_loop(given...); });
}

}  // namespace sigmagrad::optim
