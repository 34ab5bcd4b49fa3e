// SPDX-License-Identifier: BSD-3-Clause
// Three square layers, each pair of neighbours balanced with a lambda of its own.
#pragma once

#include <vector>

#include <sigmagrad/experiments/balanced/two_layer.hpp>

namespace sigmagrad::experiments::balanced {

/// W1, W2, W3 [n, n] with W_{l+1}' W_{l+1} - W_l W_l' = lambda_l I and W3 W2 W1 = product, whose hidden layers have
/// random orthogonal bases.
std::vector<Tensor> deep_balanced(const Tensor& product, double lambda_1, double lambda_2, Generator& generator);

/// y = W3 W2 W1 x.
class ThreeLayer : public nn::Module {
 public:
  explicit ThreeLayer(const std::vector<Tensor>& start);
  Tensor operator()(const Tensor& x) const { return matmul(x, product().t()); }
  Tensor product() const { return matmul(layers_[2], matmul(layers_[1], layers_[0])); }
  const std::vector<Tensor>& layers() const { return layers_; }

 private:
  std::vector<Tensor> layers_;
};

/// Gradient flow of aligned zero-balanced layers against the scalar equation of depth 3: the largest deviation of a
/// mode over time, in units of the largest singular value.
double deviation_from_scalar_equation(const Task& task, Generator& generator);

}  // namespace sigmagrad::experiments::balanced
