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

// From `start` to `end`, along half a wave or straight.
double annealed(double start, double end, bool cosine, double way) {
  return cosine ? end + (start - end) / 2.0 * (1.0 + std::cos(std::numbers::pi * way)) : start + (end - start) * way;
}

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

Rate PolynomialLR::rate(Options o) {
  if (o.total_iters < 1) engine::fail("PolynomialLR: total_iters must be >= 1 (got {})", o.total_iters);
  if (!(o.power >= 0.0)) engine::fail("PolynomialLR: power must be >= 0 (got {})", o.power);
  return [o](std::int64_t k, double base) {
    const double way = static_cast<double>(std::min(k, o.total_iters)) / static_cast<double>(o.total_iters);
    return base * std::pow(1.0 - way, o.power);
  };
}

Rate CosineAnnealingWarmRestarts::rate(Options o) {
  if (o.T_0 < 1) engine::fail("CosineAnnealingWarmRestarts: T_0 must be >= 1 (got {})", o.T_0);
  if (o.T_mult < 1) engine::fail("CosineAnnealingWarmRestarts: T_mult must be >= 1 (got {})", o.T_mult);
  if (!(o.eta_min >= 0.0)) engine::fail("CosineAnnealingWarmRestarts: eta_min must be >= 0 (got {})", o.eta_min);
  return [o](std::int64_t k, double base) {
    std::int64_t length = o.T_0;
    if (o.T_mult == 1) k %= length;
    for (; k >= length; length *= o.T_mult) k -= length;
    return CosineAnnealingLR::rate({.T_max = length, .eta_min = o.eta_min})(k, base);
  };
}

Rate OneCycleLR::rate(Options o) {
  if (o.max_lr && !(*o.max_lr >= 0.0)) engine::fail("OneCycleLR: max_lr must be >= 0 (got {})", *o.max_lr);
  if (o.total_steps < 2) engine::fail("OneCycleLR: total_steps must be >= 2 (got {})", o.total_steps);
  if (!(o.pct_start >= 0.0 && o.pct_start <= 1.0))
    engine::fail("OneCycleLR: pct_start must be in [0, 1] (got {})", o.pct_start);
  if (o.anneal_strategy != "cos" && o.anneal_strategy != "linear")
    engine::fail("OneCycleLR: anneal_strategy must be \"cos\" or \"linear\" (got \"{}\")", o.anneal_strategy);
  if (!(o.div_factor > 0.0)) engine::fail("OneCycleLR: div_factor must be > 0 (got {})", o.div_factor);
  if (!(o.final_div_factor > 0.0))
    engine::fail("OneCycleLR: final_div_factor must be > 0 (got {})", o.final_div_factor);
  const double last = static_cast<double>(o.total_steps - 1), up = o.pct_start * static_cast<double>(o.total_steps) - 1;
  const std::vector<double> ends = o.three_phase ? std::vector{up, 2.0 * up, last} : std::vector{up, last};
  return [o, ends](std::int64_t k, double base) {
    if (k > o.total_steps) engine::fail("OneCycleLR: step {} of total_steps = {}", k, o.total_steps);
    const double top = o.max_lr.value_or(base), low = top / o.div_factor, least = low / o.final_div_factor;
    const std::vector<double> rates = o.three_phase ? std::vector{low, top, low, least} : std::vector{low, top, least};
    const auto step = static_cast<double>(k);
    std::size_t phase = 0;
    while (phase + 1 < ends.size() && step > ends[phase]) ++phase;
    const double begin = phase == 0 ? 0.0 : ends[phase - 1], length = ends[phase] - begin;
    const double way = length > 0.0 ? std::min((step - begin) / length, 1.0) : 1.0;
    return annealed(rates[phase], rates[phase + 1], o.anneal_strategy == "cos", way);
  };
}

}  // namespace sigmagrad::optim
