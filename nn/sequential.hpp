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
    for (const auto& layer : *layers_) y = layer.forward(y);
    return y;
  }

  template <class Layer>
  void append(Layer layer) {
    if constexpr (std::derived_from<Layer, Module>) {
      const auto share = [](const Sequential& from, std::size_t i, Sequential& to) {
        to.append(*from.layer<Layer>(i));
      };
      layers_->push_back({register_module(std::to_string(size()), std::move(layer)), share});
    } else {
      const auto share = [](const Sequential& from, std::size_t i, Sequential& to) {
        to.layers_->push_back(from.layers_->at(i));
      };
      layers_->push_back({std::move(layer), share});
    }
  }
  /// The i-th layer of another, whatever its type; both then share its parameters.
  void append_layer(const Sequential& other, std::size_t i) { other.layers_->at(i).share(other, i, *this); }

  std::size_t size() const { return layers_->size(); }
  /// The i-th layer where it is of that type, else null: `net.layer<Linear>(0)->weight`. Error where there is none.
  template <class Layer>
  const Layer* layer(std::size_t i) const {
    if (i >= size()) throw Error("Sequential: no layer " + std::to_string(i) + " among " + std::to_string(size()));
    return (*layers_)[i].forward.template target<Layer>();
  }

  Sequential clone() const { return nn::clone(*this); }

 private:
  struct Any {
    std::function<Tensor(const Tensor&)> forward;
    void (*share)(const Sequential& from, std::size_t i, Sequential& to);  // knows the layer's type
  };

  engine::Shared<std::vector<Any>> layers_;
};

}  // namespace sigmagrad::nn
