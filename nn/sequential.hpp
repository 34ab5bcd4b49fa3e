// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <functional>
#include <sigmagrad/nn/module.hpp>

namespace sigmagrad::nn {

/// Layers one after the other, registered as "0", "1", ...: `Sequential net{Linear(64, 128), ReLU(), Linear(128, 10)};`
/// A layer may also be a function of a tensor.
class Sequential : public Module {
 public:
  Sequential() = default;
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

  template <class Layer>
  void append(Layer layer) {
    if constexpr (std::derived_from<Layer, Module>)
      layers_.emplace_back(register_module(std::to_string(size()), std::move(layer)));
    else
      layers_.emplace_back(std::move(layer));
    shares_.push_back([](const Sequential& from, std::size_t i, Sequential& to) { to.append(*from.layer<Layer>(i)); });
  }
  /// The i-th layer of another, whatever its type; both then share its parameters.
  void append_layer(const Sequential& other, std::size_t i) { other.shares_.at(i)(other, i, *this); }

  std::size_t size() const { return layers_.size(); }
  /// The i-th layer where it is of that type, else null: `net.layer<Linear>(0)->weight`.
  template <class Layer>
  const Layer* layer(std::size_t i) const {
    return layers_.at(i).template target<Layer>();
  }

  Sequential clone() const { return nn::clone(*this); }

 private:
  using Share = void (*)(const Sequential& from, std::size_t i, Sequential& to);

  std::vector<std::function<Tensor(const Tensor&)>> layers_;
  std::vector<Share> shares_;  // know the layers' types
};

}  // namespace sigmagrad::nn
