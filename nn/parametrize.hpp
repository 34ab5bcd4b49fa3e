// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>

#include <sigmagrad/nn/parametrizations.hpp>

namespace sigmagrad::nn {

/// A layer whose weight is computed anew in every call, from the parameter `original` by parametrisations one after the
/// other: made by `parametrize`. The layer's other parameters keep their names.
template <class Layer>
class Parametrized : public Module {
 public:
  /// `layer` is of this object alone.
  explicit Parametrized(const Layer& layer) : Module(layer), original(registered(layer.weight)), layer_(layer) {}
  Parametrized(const Parametrized&) = default;
  Parametrized(Parametrized&&) noexcept = default;
  Parametrized& operator=(Parametrized&&) noexcept = default;
  Parametrized& operator=(const Parametrized& other) { return *this = Parametrized(other); }
  ~Parametrized() = default;
  static constexpr bool shows_hooks = Layer::shows_hooks;

  Tensor operator()(const Tensor& x) const {
    if (is_training()) chain_->advance(original);
    Layer layer = layer_;
    static_cast<Tensor&>(layer.weight) = weight();  // in a handle of its own
    return layer(x);
  }
  /// The weight that the layer computes with.
  Tensor weight() const { return (*chain_)(original); }
  /// The layer that it was made from, whose own weight is `original`.
  const Layer& layer() const { return layer_; }
  Parametrized clone() const { return nn::clone(*this); }

  /// Adds a parametrisation on top.
  void append(const Parametrization& step) {
    auto chain = *chain_;
    chain.append(step);
    compute_weight([chain, weight = original] { return chain(weight); }, step.module);
    *chain_ = std::move(chain);
  }

  Parameter original;

 private:
  Layer layer_;  // its registry is this module's
  engine::Shared<ParametrizationChain> chain_;
};

/// A new layer like `layer`, which stays as it is, with its parameter "weight" parametrised by `recipe`: Multipliers,
/// SpectralNorm, WeightNorm, Orthogonal, LowRank, SingularValues, or any callable Tensor(const Tensor& original), whose
/// parameters are trained where it is a Module (those of the one given). Parameters are then `original`, the recipe's
/// own ("row", "col", ...) and the layer's others. On a parametrised layer it comes on top:
/// `parametrize(parametrize(linear, LowRank{.rank = 4}), WeightNorm{})` is DoRA (Liu et al. 2024, equation 5).
///
/// The layer may be any Module with a registered parameter and member `weight`. Of a Conv2d, the recipes of this
/// library see the weight as the matrix [..., out, in / groups kh kw], and a callable sees the kernel. Error where a
/// name is taken already.
template <class Layer, class Recipe>
Parametrized<Layer> parametrize(const Layer& layer, const Recipe& recipe) {
  return parametrize(Parametrized<Layer>(clone(layer)), recipe);
}
template <class Layer, class Recipe>
Parametrized<Layer> parametrize(const Parametrized<Layer>& layer, const Recipe& recipe) {
  auto result = clone(layer);
  const Tensor weight = result.weight().detach();
  if constexpr (
      requires { recipe.start(weight); } && requires { Layer::kernel_axes; })
    result.append(
        detail::of_kernels(recipe.start(detail::kernel_rows(weight, Layer::kernel_axes)), Layer::kernel_axes));
  else if constexpr (requires { recipe.start(weight); })
    result.append(recipe.start(weight));
  else if constexpr (std::derived_from<Recipe, Module>)
    result.append({.weight = recipe, .module = recipe});
  else
    result.append({.weight = recipe});
  return result;
}

}  // namespace sigmagrad::nn
