// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/optim/schedules.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::optim {
namespace {

void check_gamma(const char* name, double gamma) {
  if (!(gamma > 0.0)) engine::fail("{}: gamma must be > 0 (got {})", name, gamma);
}

// base gamma^n.
double decayed(double base, double gamma, std::int64_t n) { return base * std::pow(gamma, static_cast<double>(n)); }

}  // namespace

Rate StepLR::rate(Options o) {
  if (o.step_size < 1) engine::fail("StepLR: step_size must be >= 1 (got {})", o.step_size);
  check_gamma("StepLR", o.gamma);
  return [o](std::int64_t k, double base) { return decayed(base, o.gamma, k / o.step_size); };
}

Rate MultiStepLR::rate(Options o) {
  if (o.milestones.empty()) engine::fail("MultiStepLR: milestones must not be empty");
  check_gamma("MultiStepLR", o.gamma);
  return [o](std::int64_t k, double base) {
    const auto passed = [k](std::int64_t milestone) { return milestone <= k; };
    return decayed(base, o.gamma, std::count_if(o.milestones.begin(), o.milestones.end(), passed));
  };
}

Rate ExponentialLR::rate(Options o) {
  check_gamma("ExponentialLR", o.gamma);
  return [o](std::int64_t k, double base) { return decayed(base, o.gamma, k); };
}

Rate CosineAnnealingLR::rate(Options o) {
  if (o.T_max < 1) engine::fail("CosineAnnealingLR: T_max must be >= 1 (got {})", o.T_max);
  if (!(o.eta_min >= 0.0)) engine::fail("CosineAnnealingLR: eta_min must be >= 0 (got {})", o.eta_min);
  return [o](std::int64_t k, double base) {
    const double angle = std::numbers::pi * static_cast<double>(k) / static_cast<double>(o.T_max);
    return o.eta_min + (base - o.eta_min) * (1.0 + std::cos(angle)) / 2.0;
  };
}

Rate LinearLR::rate(Options o) {
  if (!(o.start_factor > 0.0 && o.start_factor <= 1.0))
    engine::fail("LinearLR: start_factor must be in (0, 1] (got {})", o.start_factor);
  if (!(o.end_factor >= 0.0 && o.end_factor <= 1.0))
    engine::fail("LinearLR: end_factor must be in [0, 1] (got {})", o.end_factor);
  if (o.total_iters < 1) engine::fail("LinearLR: total_iters must be >= 1 (got {})", o.total_iters);
  return [o](std::int64_t k, double base) {
    const double way = static_cast<double>(std::min(k, o.total_iters)) / static_cast<double>(o.total_iters);
    return base * (o.start_factor + (o.end_factor - o.start_factor) * way);
  };
}

}  // namespace sigmagrad::optim
