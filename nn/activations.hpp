// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/nn/module.hpp>

// Layers without parameters that work entry by entry.
namespace sigmagrad::nn {

/// max(x, 0), with gradient 0 at 0.
struct ReLU : Module {
  Tensor operator()(const Tensor& x) const { return relu(x); }
};

struct LeakyReLUOptions {
  double negative_slope = 0.01;
};

/// x where it is positive, negative_slope * x elsewhere, with gradient negative_slope at 0.
class LeakyReLU : public Module {
 public:
  using Options = LeakyReLUOptions;

  explicit LeakyReLU(Options options = {}) : options_(options) {}
  explicit LeakyReLU(double negative_slope) : options_{negative_slope} {}
  Tensor operator()(const Tensor& x) const { return leaky_relu(x, options_.negative_slope); }

 private:
  Options options_;
};

struct Tanh : Module {
  Tensor operator()(const Tensor& x) const { return tanh(x); }
};

/// 1 / (1 + exp(-x)).
struct Sigmoid : Module {
  Tensor operator()(const Tensor& x) const { return sigmoid(x); }
};

/// x Phi(x), for the normal distribution's Phi.
struct GELU : Module {
  Tensor operator()(const Tensor& x) const { return gelu(x); }
};

/// x sigmoid(x).
struct SiLU : Module {
  Tensor operator()(const Tensor& x) const { return silu(x); }
};

struct SoftplusOptions {
  double beta = 1.0;
};

/// log(1 + exp(beta x)) / beta.
class Softplus : public Module {
 public:
  using Options = SoftplusOptions;

  explicit Softplus(Options options = {}) : options_(options) {}
  explicit Softplus(double beta) : options_{beta} {}
  Tensor operator()(const Tensor& x) const { return softplus(x, options_.beta); }

 private:
  Options options_;
};

struct ELUOptions {
  double alpha = 1.0;
};

/// x where it is positive, alpha (exp(x) - 1) elsewhere.
class ELU : public Module {
 public:
  using Options = ELUOptions;

  explicit ELU(Options options = {}) : options_(options) {}
  explicit ELU(double alpha) : options_{alpha} {}
  Tensor operator()(const Tensor& x) const { return elu(x, options_.alpha); }

 private:
  Options options_;
};

/// x itself.
struct Identity : Module {
  Tensor operator()(const Tensor& x) const { return x; }
};

}  // namespace sigmagrad::nn
