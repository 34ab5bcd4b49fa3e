// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/theory/balanced_dynamics.hpp>

#include <algorithm>
#include <cmath>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/operations/matmul.hpp>
#include <sigmagrad/autograd/operations/reductions.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/linalg/svd.hpp>
#include <sigmagrad/theory/balanced_measures.hpp>
#include <sigmagrad/theory/detail/batch.hpp>
#include <sigmagrad/theory/detail/check.hpp>
#include <sigmagrad/theory/detail/drive.hpp>
#include <sigmagrad/theory/detail/riccati.hpp>

namespace sigmagrad::theory {
namespace {

constexpr double longest_step = 5.0;  // in units of 1 / max|mu|; digits are lost from 10 on
constexpr double most_steps = 64.0;

Shape common_batch(const char* operation, std::initializer_list<Tensor> matrices) {
  Shape batch;
  for (const auto& x : matrices) {
    if (x.dim() < 2 || x.dtype() != f64)
      engine::fail("{}: needs f64 matrices, got {} {}", operation, name_of(x.dtype()), x.shape().str());
    batch = engine::broadcast_shapes(operation, batch, x.shape().head(x.dim() - 2));
  }
  return batch;
}

bool all_finite(const Tensor& x) { return isfinite(x).sum().item() == static_cast<double>(x.numel()); }

}  // namespace

BalancedDynamics::BalancedDynamics(const Tensor& W1, const Tensor& W2, const Tensor& Sigma, Options options)
    : options_(options) {
  constexpr auto name = "BalancedDynamics";
  if (!(std::isfinite(options.tau) && options.tau > 0))
    engine::fail("{}: tau must be finite and > 0 (got {})", name, options.tau);
  const NoGrad guard;
  batch_ = common_batch(name, {W1, W2, Sigma});
  n_i_ = W1.size(-1), n_h_ = W1.size(-2), n_o_ = W2.size(-2);
  if (W2.size(-1) != n_h_ || Sigma.size(-2) != n_o_ || Sigma.size(-1) != n_i_ ||
      std::min({n_i_, n_h_, n_o_, batch_.numel()}) < 1)
    engine::fail("{}: needs W1 [n_h, n_i], W2 [n_o, n_h], Sigma [n_o, n_i], none empty, got {}, {}, {}", name,
                 W1.shape().str(), W2.shape().str(), Sigma.shape().str());
  const auto first = detail::flat_batch(W1, batch_), second = detail::flat_batch(W2, batch_);
  sigma_ = detail::flat_batch(Sigma, batch_);
  const auto [lambda, distance] = balancedness(first, second);
  const auto size = square(first).sum(-1).sum(-1) + square(second).sum(-1).sum(-1);
  if (!all_finite(size) || !all_finite(sigma_)) engine::fail("{}: weights and target must be finite", name);
  const double excess = max(where(size == 0.0, size, distance / size)).item();
  if (excess > 1e-8)
    engine::fail(
        "{}: weights are not balanced: W2' W2 - W1 W1' is {:.3g} (||W1||_F^2 + ||W2||_F^2) from a multiple of I, "
        "expected at most 1e-8",
        name, excess);
  const auto drive = detail::drive(sigma_, lambda);
  lambda_ = detail::with_batch(lambda, batch_);
  singular_ = drive.s;
  O_ = drive.O;
  mu_ = drive.mu;
  Y_ = matmul(O_.t(), cat({first.t(), second}, -2));
}

void BalancedDynamics::advance(Tensor& Y, double duration) const {
  const auto rates = max(abs(mu_), -1);
  std::vector<double> steps;
  std::vector<std::int64_t> jumping;
  for (const double rate : rates.data<double>()) {
    const double wanted = duration > 0 ? std::max(1.0, std::ceil(rate * duration / longest_step)) : 0.0;
    const bool jumps = duration > 0 && (options_.method == BalancedMethod::OneShot || !(wanted <= most_steps));
    if (jumps) jumping.push_back(static_cast<std::int64_t>(steps.size()));
    steps.push_back(jumps ? 0.0 : wanted);
  }
  const double most = *std::max_element(steps.begin(), steps.end());
  std::vector<double> h(steps.size());
  for (double step = 0; step < most; ++step) {
    for (std::size_t b = 0; b < h.size(); ++b) h[b] = step < steps[b] ? duration / steps[b] : 0.0;
    Y = detail::riccati_step(Y, mu_, h);
  }
  if (jumping.empty()) return;
  std::vector<Tensor> trials;
  for (std::int64_t b = 0; b < Y.size(0); ++b) trials.push_back(Y.select(0, b));
  for (const auto b : jumping) {
    auto& trial = trials[static_cast<std::size_t>(b)];
    trial = detail::riccati_jump(trial, mu_.select(0, b), duration);
  }
  Y = stack(trials);
}

Tensor BalancedDynamics::at_each(const char* operation, const std::vector<double>& times,
                                 const std::function<Tensor(const Tensor&)>& f) const {
  detail::check_times(operation, times);
  const NoGrad guard;
  std::vector<Tensor> results;
  Tensor Y = Y_;
  double now = 0.0;
  for (const double t : times) {
    if (options_.method == BalancedMethod::OneShot) now = 0.0, Y = Y_;
    advance(Y, (t - now) / options_.tau);
    now = t;
    results.push_back(f(matmul(O_, Y)));
  }
  return detail::with_batch(stack(results, 1), batch_);
}

Tensor BalancedDynamics::qqt(const std::vector<double>& times) const {
  return at_each("qqt", times, [](const Tensor& Q) { return matmul(Q, Q.t()); });
}

Tensor BalancedDynamics::product(const std::vector<double>& times) const {
  return at_each("product", times, [this](const Tensor& Q) { return matmul(lower(Q), upper(Q).t()); });
}

Tensor BalancedDynamics::input_gram(const std::vector<double>& times) const {
  return at_each("input_gram", times, [this](const Tensor& Q) { return matmul(upper(Q), upper(Q).t()); });
}

Tensor BalancedDynamics::output_gram(const std::vector<double>& times) const {
  return at_each("output_gram", times, [this](const Tensor& Q) { return matmul(lower(Q), lower(Q).t()); });
}

TwoLayerWeights BalancedDynamics::weights(const std::vector<double>& times) const {
  const NoGrad guard;
  const auto Q = at_each("weights", times, [](const Tensor& at_time) { return at_time; });
  return {upper(Q).t(), lower(Q)};
}

Tensor BalancedDynamics::loss(const std::vector<double>& times, double constant) const {
  detail::check_finite("loss", "constant", constant);
  return at_each("loss", times, [this, constant](const Tensor& Q) {
    return task_loss(matmul(lower(Q), upper(Q).t()), sigma_) + constant;
  });
}

Tensor BalancedDynamics::ntk(const std::vector<double>& times, const Tensor& X) const {
  return at_each("ntk", times, [this, &X](const Tensor& Q) {
    return tangent_kernel(matmul(upper(Q), upper(Q).t()), matmul(lower(Q), lower(Q).t()), X);
  });
}

}  // namespace sigmagrad::theory
