// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <functional>
#include <sigmagrad/nn/module.hpp>

namespace sigmagrad::nn {

/// Layers one after the other, registered as "0", "1", ...: `Sequential net{Linear(64, 128), ReLU(), Linear(128, 10)};`
class Sequential : public Module {
 public:
  template <class First, class... Rest>
  requires(sizeof...(Rest) > 0 || !std::derived_from<First, Sequential>) explicit Sequential(First first,
                                                                                             Rest... rest) {
    append(std::move(first));
    (append(std::move(rest)), ...);
  }

  Tensor operator()(const Tensor& x) const {
    Tensor y = x;
    for (const auto& layer : layers_) y = layer(y);
    return y;
  }

 private:
  template <class Layer>
  void append(Layer layer) {
    layers_.emplace_back(register_module(std::to_string(layers_.size()), std::move(layer)));
  }

  std::vector<std::function<Tensor(const Tensor&)>> layers_;
};

}  // namespace sigmagrad::nn
