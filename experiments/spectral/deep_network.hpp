// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include <sigmagrad/sigmagrad.hpp>

namespace sigmagrad::experiments::spectral {

enum class Activation { Identity, ReLU };

/// f(x) = W_L a(... a(W_1 x)): square layers without biases, as teacher and as student.
class DeepNetwork : public nn::Module {
 public:
  DeepNetwork(const std::vector<Tensor>& layers, Activation activation) : activation_(activation) {
    for (const auto& layer : layers)
      layers_.push_back(register_parameter("w" + std::to_string(layers_.size() + 1), layer));
  }

  Tensor operator()(const Tensor& x) const {
    Tensor y = matmul(x, layers_.front().t());
    for (std::size_t l = 1; l < layers_.size(); ++l)
      y = matmul(activation_ == Activation::ReLU ? relu(y) : y, layers_[l].t());
    return y;
  }

  /// W_L ... W_1.
  Tensor product() const {
    const NoGrad guard;
    Tensor w = layers_.front();
    for (std::size_t l = 1; l < layers_.size(); ++l) w = matmul(layers_[l], w);
    return w;
  }

  std::int64_t width() const { return layers_.front().size(0); }
  const std::vector<Tensor>& layers() const { return layers_; }

 private:
  std::vector<Tensor> layers_;
  Activation activation_;
};

}  // namespace sigmagrad::experiments::spectral
