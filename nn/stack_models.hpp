// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include <sigmagrad/nn/functional_call.hpp>

namespace sigmagrad::nn {

namespace detail {
/// Error unless there is a model, and all have the same names and shapes.
NamedTensors stacked(const std::vector<const Module*>& models);
}  // namespace detail

/// Models of one kind as one: each parameter and buffer is a copy of theirs, [models, ...] in that order, and `models`
/// stay as they are. It computes with what takes leading model axes: Linear and Conv2d layers, pools, activations and
/// products do.
template <std::derived_from<Module> Model>
Model stack_models(const std::vector<Model>& models) {
  std::vector<const Module*> each;
  for (const Model& model : models) each.push_back(&model);
  const auto tensors = detail::stacked(each);
  return with_tensors(models.front(), tensors);
}

}  // namespace sigmagrad::nn
