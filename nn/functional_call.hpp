// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/nn/module.hpp>

// Models as functions of their parameters.
namespace sigmagrad::nn {

namespace detail {
struct Replacements {
  std::vector<Tensor> originals, replacements;
};
/// Error for a name that the model does not have. Buffers that are not named are replaced by copies.
Replacements replacements(const Module& model, const NamedTensors& tensors);
}  // namespace detail

/// The model with the tensors of these names in the place of its parameters and buffers; it shares its other
/// parameters, and has copies of its other buffers. Gradients flow to what `tensors` were computed from. `model` stays
/// as it is. A tensor may have another shape than the parameter: a Linear layer takes weights [models..., out, in].
template <std::derived_from<Module> Model>
Model with_tensors(const Model& model, const NamedTensors& tensors) {
  const auto [originals, replacements] = detail::replacements(model, tensors);
  const engine::Cloning guard(originals, replacements);
  return Model(model);
}

/// model(inputs...) with these tensors in the place of its parameters: `functional_call(net, {{"0.weight", w}}, x)`.
template <std::derived_from<Module> Model, class... Inputs>
auto functional_call(const Model& model, const NamedTensors& tensors, const Inputs&... inputs) {
  Model copy = with_tensors(model, tensors);
  return copy(inputs...);
}

/// The entries of all tensors, one after the other, as a vector through which gradients flow. Error unless there is
/// one, and all have one dtype.
Tensor parameters_to_vector(const std::vector<Tensor>& parameters);
inline Tensor parameters_to_vector(const Module& model) { return parameters_to_vector(model.parameters()); }
/// Gives the parameters, in place, the entries of a vector that is as long as all of them.
void vector_to_parameters(const Tensor& vector, const std::vector<Tensor>& parameters);
inline void vector_to_parameters(const Tensor& vector, const Module& model) {
  vector_to_parameters(vector, model.parameters());
}

}  // namespace sigmagrad::nn
