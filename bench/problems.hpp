// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <sigmagrad/bench/workloads.hpp>

namespace sigmagrad::bench {

// What every way of computing a step starts from. Matrices are row-major; `parameters` holds all parameters, one
// after the other. The rates are small enough for the training to stay finite over any number of steps.

// 0.5 sum(mask * (W3 W2 W1 - target)^2), everything [d, d], half of a rank-one target observed; SGD.
struct Completion {
  explicit Completion(int size);
  int d;
  double lr = 1e-3;
  std::vector<double> parameters;  // W1, W2, W3
  std::vector<double> target, mask;
};

// 0.5 sum((X W' - Y)^2) / batch with W [d, d], X and Y [batch, d]; SGD.
struct Regression {
  explicit Regression(int size);
  int d;
  int batch = 64;
  double lr = 1e-2;
  std::vector<double> parameters;  // W
  std::vector<double> x, y;
};

// mean((relu(X W1' + b1) W2' + b2 - Y)^2), everything [d, d] but the biases [d]; Adam.
struct Relu2 {
  explicit Relu2(int size);
  int d;
  double lr = 1e-3;
  std::vector<double> parameters;  // W1, b1, W2, b2
  std::vector<double> x, y;
};

// Cross-entropy of a network 3072-512-512-512-512-10 with ReLUs and biases on one batch; f32; SGD with momentum.
struct Relu5 {
  explicit Relu5(int batch_size);
  static constexpr int sizes[] = {3072, 512, 512, 512, 512, 10};
  int batch;
  double lr = 1e-3, momentum = 0.9;
  std::vector<double> parameters;  // W1 [512, 3072], b1, ...
  std::vector<double> x;           // [batch, 3072]
  std::vector<std::int64_t> labels;
};

// 0.1 (log cond W - 2)^2 and its gradient; no update.
struct SpectralPenalty {
  explicit SpectralPenalty(int size);
  int d;
  double factor = 0.1, centre = 2;
  std::vector<double> parameters;  // W [d, d]
};

// Completion of `trials` targets at once, of each the diagonal observed: everything [trials, d, d], the losses added.
struct Ensemble {
  explicit Ensemble(int size);
  int d;
  int trials = 300;
  double lr = 1e-3;
  std::vector<double> parameters;  // W1, W2, W3
  std::vector<double> target;
  std::vector<double> mask;  // [d, d], the same in every trial
};

std::unique_ptr<Step> limit(const Completion& problem);
std::unique_ptr<Step> limit(const Regression& problem);
std::unique_ptr<Step> limit(const Relu2& problem);
std::unique_ptr<Step> limit(const SpectralPenalty& problem);
std::unique_ptr<Step> limit(const Ensemble& problem);

// The library: building the graph at every step, or replaying a captured step.
enum class Way { Eager, Captured };
std::unique_ptr<Step> library(const Completion& problem, Way way);
std::unique_ptr<Step> library(const Regression& problem, Way way);
std::unique_ptr<Step> library(const Relu2& problem, Way way);
std::unique_ptr<Step> library(const Relu5& problem, Way way);
std::unique_ptr<Step> library(const SpectralPenalty& problem, Way way);
std::unique_ptr<Step> library(const Ensemble& problem, Way way);

}  // namespace sigmagrad::bench
