// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/nn/layer.hpp>

// Layers without parameters that work entry by entry.
namespace sigmagrad::nn {

/// max(x, 0), with gradient 0 at 0.
struct ReLU : Layer {
  Tensor operator()(const Tensor& x) const { return hooked(x, relu(x)); }
};

struct LeakyReLUOptions {
  double negative_slope = 0.01;
};

/// x where it is positive, negative_slope * x elsewhere, with gradient negative_slope at 0.
class LeakyReLU : public Layer {
 public:
  using Options = LeakyReLUOptions;

  explicit LeakyReLU(Options options = {}) : options_(options) {}
  explicit LeakyReLU(double negative_slope) : options_{negative_slope} {}
  Tensor operator()(const Tensor& x) const { return hooked(x, leaky_relu(x, options_.negative_slope)); }
  double negative_slope() const { return options_.negative_slope; }

 private:
  Options options_;
};

struct Tanh : Layer {
  Tensor operator()(const Tensor& x) const { return hooked(x, tanh(x)); }
};

/// 1 / (1 + exp(-x)).
struct Sigmoid : Layer {
  Tensor operator()(const Tensor& x) const { return hooked(x, sigmoid(x)); }
};

/// x Phi(x), for the normal distribution's Phi.
struct GELU : Layer {
  Tensor operator()(const Tensor& x) const { return hooked(x, gelu(x)); }
};

/// x sigmoid(x).
struct SiLU : Layer {
  Tensor operator()(const Tensor& x) const { return hooked(x, silu(x)); }
};

struct SoftplusOptions {
  double beta = 1.0;
};

/// log(1 + exp(beta x)) / beta.
class Softplus : public Layer {
 public:
  using Options = SoftplusOptions;

  explicit Softplus(Options options = {}) : options_(options) {}
  explicit Softplus(double beta) : options_{beta} {}
  Tensor operator()(const Tensor& x) const { return hooked(x, softplus(x, options_.beta)); }

 private:
  Options options_;
};

struct ELUOptions {
  double alpha = 1.0;
};

/// x where it is positive, alpha (exp(x) - 1) elsewhere.
class ELU : public Layer {
 public:
  using Options = ELUOptions;

  explicit ELU(Options options = {}) : options_(options) {}
  explicit ELU(double alpha) : options_{alpha} {}
  Tensor operator()(const Tensor& x) const { return hooked(x, elu(x, options_.alpha)); }
  double alpha() const { return options_.alpha; }

 private:
  Options options_;
};

/// x itself.
struct Identity : Layer {
  Tensor operator()(const Tensor& x) const { return hooked(x, x); }
};

}  // namespace sigmagrad::nn
