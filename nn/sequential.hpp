// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <functional>

#include <sigmagrad/nn/layer.hpp>

namespace sigmagrad::nn {

/// Layers one after the other, registered as "0", "1", ...: `Sequential net{Linear(64, 128), ReLU(), Linear(128, 10)};`
/// A layer may also be a function of a tensor.
class Sequential : public Layer {
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
    for (const auto& layer : *layers_) y = layer.apply(layer.forward, y);
    return hooked(x, std::move(y));
  }

  template <class Layer>
  void append(Layer layer) {
    if constexpr (std::derived_from<Layer, Module>) {
      const auto share = [](const Sequential& from, std::size_t i, Sequential& to) {
        to.append(*from.layer<Layer>(i));
      };
      const auto apply = [](const Forward& forward, const Tensor& x) {
        if constexpr (Layer::shows_hooks)
          return forward(x);
        else
          return forward.template target<Layer>()->hooked(x, forward(x));
      };
      layers_->push_back({register_module(std::to_string(size()), std::move(layer)), apply, share});
    } else {
      const auto share = [](const Sequential& from, std::size_t i, Sequential& to) {
        to.layers_->push_back(from.layers_->at(i));
      };
      const auto apply = [](const Forward& forward, const Tensor& x) { return forward(x); };
      layers_->push_back({std::move(layer), apply, share});
    }
  }
  /// The i-th layer of another, whatever its type; both then share its parameters.
  void append_layer(const Sequential& other, std::size_t i) { other.layers_->at(i).share(other, i, *this); }

  std::size_t size() const { return layers_->size(); }
  /// The i-th layer where it is of that type, else null: `net.layer<Linear>(0)->weight`. Error where there is none.
  template <class Layer>
  const Layer* layer(std::size_t i) const {
    return at(i).forward.template target<Layer>();
  }
  /// The type of the i-th layer.
  const std::type_info& layer_type(std::size_t i) const { return at(i).forward.target_type(); }

  Sequential clone() const { return nn::clone(*this); }

 private:
  using Forward = std::function<Tensor(const Tensor&)>;
  struct Any {
    Forward forward;
    Tensor (*apply)(const Forward& forward, const Tensor& x);              // calls it, and the layer's hooks
    void (*share)(const Sequential& from, std::size_t i, Sequential& to);  // knows the layer's type
  };

  const Any& at(std::size_t i) const {
    if (i >= size()) throw Error("Sequential: no layer " + std::to_string(i) + " among " + std::to_string(size()));
    return (*layers_)[i];
  }

  engine::Shared<std::vector<Any>> layers_;
};

}  // namespace sigmagrad::nn
