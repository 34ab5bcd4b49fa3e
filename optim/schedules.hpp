// SPDX-License-Identifier: BSD-3-Clause
#pragma once

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
  MultiStepLR(Optimizer& optimizer, Options options) : Schedule(optimizer, rate(options)) {}
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

}  // namespace sigmagrad::optim
