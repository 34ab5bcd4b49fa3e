// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>

#include <sigmagrad/optim/schedule.hpp>

// PyTorch's schedules. `rate` gives the function alone, to be composed:
//   Schedule schedule(optimizer, warmup(10, CosineAnnealingLR::rate({.T_max = 90})));
// Options without a default in PyTorch must be given; the Error names them.
namespace sigmagrad::optim {

struct StepLROptions {
  std::int64_t step_size = 0;
  double gamma = 0.1;
};
/// base gamma^floor(k / step_size).
class StepLR : public Schedule {
 public:
  using Options = StepLROptions;
  StepLR(Optimizer& optimizer, Options options) : Schedule(optimizer, rate(options)) {}
  static Rate rate(Options options);
};

struct MultiStepLROptions {
  std::vector<std::int64_t> milestones{};
  double gamma = 0.1;
};
/// base gamma^(number of milestones <= k).
class MultiStepLR : public Schedule {
 public:
  using Options = MultiStepLROptions;
  MultiStepLR(Optimizer& optimizer, const Options& options) : Schedule(optimizer, rate(options)) {}
  static Rate rate(Options options);
};

struct ExponentialLROptions {
  double gamma = 0.0;
};
/// base gamma^k.
class ExponentialLR : public Schedule {
 public:
  using Options = ExponentialLROptions;
  ExponentialLR(Optimizer& optimizer, Options options) : Schedule(optimizer, rate(options)) {}
  static Rate rate(Options options);
};

struct CosineAnnealingLROptions {
  std::int64_t T_max = 0;
  double eta_min = 0.0;
};
/// eta_min + (base - eta_min) (1 + cos(pi k / T_max)) / 2 (Loshchilov and Hutter 2017, eq. 5), which rises again beyond
/// T_max.
class CosineAnnealingLR : public Schedule {
 public:
  using Options = CosineAnnealingLROptions;
  CosineAnnealingLR(Optimizer& optimizer, Options options) : Schedule(optimizer, rate(options)) {}
  static Rate rate(Options options);
};

struct LinearLROptions {
  double start_factor = 1.0 / 3.0;
  double end_factor = 1.0;
  std::int64_t total_iters = 5;
};
/// base times a factor that goes from start_factor to end_factor in total_iters equal steps, and stays.
class LinearLR : public Schedule {
 public:
  using Options = LinearLROptions;
  LinearLR(Optimizer& optimizer, Options options) : Schedule(optimizer, rate(options)) {}
  static Rate rate(Options options);
};

struct PolynomialLROptions {
  std::int64_t total_iters = 5;
  double power = 1.0;
};
/// base (1 - k / total_iters)^power, and 0 from total_iters on.
class PolynomialLR : public Schedule {
 public:
  using Options = PolynomialLROptions;
  PolynomialLR(Optimizer& optimizer, Options options) : Schedule(optimizer, rate(options)) {}
  static Rate rate(Options options);
};

struct CosineAnnealingWarmRestartsOptions {
  std::int64_t T_0 = 0;
  std::int64_t T_mult = 1;
  double eta_min = 0.0;
};
/// CosineAnnealingLR's descent over T_0 steps, then from base again over T_0 T_mult, T_0 T_mult^2, ... steps
/// (Loshchilov and Hutter 2017, section 3).
class CosineAnnealingWarmRestarts : public Schedule {
 public:
  using Options = CosineAnnealingWarmRestartsOptions;
  CosineAnnealingWarmRestarts(Optimizer& optimizer, Options options) : Schedule(optimizer, rate(options)) {}
  static Rate rate(Options options);
};

struct OneCycleLROptions {
  std::optional<double> max_lr{};  // each group's own rate unless given
  std::int64_t total_steps = 0;
  double pct_start = 0.3;
  std::string anneal_strategy = "cos";  // or "linear"
  double div_factor = 25.0;
  double final_div_factor = 1e4;
  bool three_phase = false;
};
/// From max_lr / div_factor up to max_lr at step pct_start total_steps - 1, and down to max_lr / div_factor /
/// final_div_factor at total_steps - 1 (Smith and Topin 2018); three phases come down as slowly as they went up before
/// the last descent. The momentum stays: PyTorch's with cycle_momentum = False. A step beyond total_steps is an Error.
class OneCycleLR : public Schedule {
 public:
  using Options = OneCycleLROptions;
  OneCycleLR(Optimizer& optimizer, Options options) : Schedule(optimizer, rate(options)) {}
  static Rate rate(Options options);
};

}  // namespace sigmagrad::optim
