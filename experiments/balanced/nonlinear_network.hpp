// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <utility>

#include <sigmagrad/experiments/balanced/two_layer.hpp>

namespace sigmagrad::experiments::balanced {

/// y = W2 phi(W1 x) with phi "linear", "relu", "leaky_relu", "tanh" or "mixed", which has ReLU in the first half of the
/// hidden units and none in the second.
class TwoLayerNonlinear : public nn::Module {
 public:
  TwoLayerNonlinear(const theory::TwoLayerWeights& weights, std::string name)
      : W1(register_parameter("W1", weights.W1)),
        W2(register_parameter("W2", weights.W2)),
        activation_(std::move(name)),
        half_(arange(static_cast<double>(W1.size(-2))) < 0.5 * static_cast<double>(W1.size(-2))) {}

  Tensor operator()(const Tensor& x) const { return matmul(activate(matmul(x, W1.t())), W2.t()); }
  /// W2'W2 - W1W1' [..., n_h, n_h].
  Tensor balance() const {
    const NoGrad guard;
    return matmul(W2.t(), W2) - matmul(W1, W1.t());
  }

  Tensor W1, W2;

 private:
  Tensor activate(const Tensor& h) const {
    if (activation_ == "relu") return relu(h);
    if (activation_ == "leaky_relu") return leaky_relu(h, 0.1);
    if (activation_ == "tanh") return tanh(h);
    return activation_ == "mixed" ? where(half_, relu(h), h) : h;
  }

  std::string activation_;
  Tensor half_;
};

}  // namespace sigmagrad::experiments::balanced
