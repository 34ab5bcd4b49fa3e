// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/experiments/balanced/aligned_modes.hpp>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace sigmagrad::experiments::balanced {

namespace {

constexpr double large_lambdas[] = {10.0, 100.0, 1000.0};

// a(t) as equation 3.2 prints it: lambda where it should be |lambda|, and the exponent without the sign of lambda.
double as_printed(double s, double a0, double lam, double t) {
  const double K = std::hypot(lam, 2 * s), sign = lam < 0 ? -1.0 : 1.0;
  const double start = 4 * a0 * s * sign / (std::hypot(lam, 2 * a0) + lam);
  const double grown = (K + lam + start) / (K - lam - start) * std::exp(K * t);
  const double r = (K * (grown - 1) - lam * (grown + 1)) / (2 * s * (grown + 1));
  return lam * r / (1 - r * r);
}

}  // namespace

CurvePair mode(std::size_t i) {
  return {{.name = fmt::format("mode_{}", i), .label = fmt::format("mode {}", i), .over = "time / \u03c4"},
          {.name = fmt::format("exact_{}", i), .label = fmt::format("mode {}, exact", i), .over = "time / \u03c4"}};
}

AlignedModes::AlignedModes(Trial& trial, const theory::TwoLayerSizes& sizes, double lambda, bool draws)
    : lambda_(lambda), draws_(draws), comparison_(trial) {
  const auto [n_i, n_h, n_o] = sizes;
  const auto tasks = trial.generator(), weights = trial.generator(1);
  start.task = random_task(n_i, n_o, 2 * std::max(n_i, n_o), *tasks);
  const auto [U, S, Vt] = linalg::svd(start.task.Sigma);
  const auto a0 = 0.01 + 0.29 * rand(S.shape(), *weights);
  start.weights = theory::balanced_factors(matmul(U * a0, Vt), n_h, lambda, *weights);
  U_ = U, Vt_ = Vt, s_ = S.to_vector(), a0_ = a0.to_vector();
  half_ = Crossing(s_[0] / 2);
  hundredth_ = Crossing(std::log(1e2));
  thousandth_ = Crossing(std::log(1e3));
}

void AlignedModes::look(double time, const Tensor& product, bool draws_now) {
  const auto strengths = matmul(matmul(U_.t(), product), Vt_.t());
  const auto a = diag(strengths).to_vector();
  comparison_.see(off_diagonal, max(abs(strengths * (1.0 - eye(strengths.size(0))))).item() / s_[0]);
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double of_print = as_printed(s_[i], a0_[i], lambda_, time);
    const double exact = theory::aligned_mode(s_[i], a0_[i], lambda_, time);
    comparison_.see(deviation, std::abs(a[i] - exact) / s_[i]);
    if (std::isfinite(of_print)) comparison_.see(printed_deviation, std::abs(of_print - exact) / s_[i]);
    if (draws_ && draws_now) comparison_.draw(mode(i + 1), time, a[i], exact);
  }
  look_at_first(time, a[0]);
}

void AlignedModes::look_at_first(double time, double a) {
  half_.look(time, a);
  if (const double left = 1 - a / s_[0]; left > 0) {
    hundredth_.look(time, -std::log(left));
    thousandth_.look(time, -std::log(left));
  }
  comparison_.see(from_exponential, std::abs(a - exponential(time)) / s_[0]);
  if (last_time_ && (a - *last_) / (time - *last_time_) > fastest_) {
    fastest_ = (a - *last_) / (time - *last_time_);
    steepest_at_ = (a + *last_) / 2 / s_[0];
  }
  last_time_ = time, last_ = a;
}

double AlignedModes::exponential(double time) const {
  return s_[0] + (a0_[0] - s_[0]) * std::exp(-std::abs(lambda_) * time);
}

void AlignedModes::record() {
  comparison_.record(deviation);
  comparison_.record(off_diagonal);
  Trial& trial = comparison_.trial();
  if (lambda_ != 0) {
    comparison_.record(printed_deviation);
    comparison_.record(from_exponential);
  } else {
    record_exact_exponential();
  }
  if (fastest_ > 0) trial.record(steepest, steepest_at_);
  if (hundredth_.time() && thousandth_.time()) {
    trial.record(late_rate, std::log(10.0) / (*thousandth_.time() - *hundredth_.time()));
    trial.record(rate_exact, std::hypot(lambda_, 2 * s_[0]));
  }
  if (half_.time().value_or(0) <= 0) return;
  trial.record(first_half_time, *half_.time());
  trial.record(first_half_time_exact, theory::aligned_time(s_[0], a0_[0], s_[0] / 2, lambda_));
}

void AlignedModes::record_exact_exponential() {
  for (const double large : large_lambdas) {
    double worst = 0.0;
    for (int i = 1; i <= 200; ++i) {
      const double time = 0.05 * i / large, expected = s_[0] + (a0_[0] - s_[0]) * std::exp(-0.05 * i);
      worst = std::max(worst, std::abs(theory::aligned_mode(s_[0], a0_[0], large, time) - expected) / s_[0]);
    }
    comparison_.trial().record(exact_from_exponential, large, worst);
  }
}

}  // namespace sigmagrad::experiments::balanced
