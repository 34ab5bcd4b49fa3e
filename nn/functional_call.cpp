// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/nn/functional_call.hpp>

#include <set>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/kernels/map.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::nn {

detail::Replacements detail::replacements(const Module& model, const NamedTensors& tensors) {
  const NamedTensors parameters = model.named_parameters(), buffers = model.named_buffers();
  Replacements result;
  std::set<std::string_view> given;
  for (const auto& [name, value] : tensors) {
    if (!value.defined()) engine::fail("functional_call: \"{}\" is an undefined tensor", name);
    if (!given.insert(name).second) engine::fail("functional_call: \"{}\" is given twice", name);
    if (!parameters.contains(name) && !buffers.contains(name))
      engine::fail("functional_call: the model has no parameter or buffer \"{}\"", name);
    result.originals.push_back(parameters.contains(name) ? parameters[name] : buffers[name]);
    result.replacements.push_back(value);
  }
  for (const auto& [name, buffer] : buffers) {
    if (given.contains(name)) continue;
    result.originals.push_back(buffer);
    result.replacements.push_back(buffer.detach().clone());
  }
  return result;
}

Tensor parameters_to_vector(const std::vector<Tensor>& parameters) {
  if (parameters.empty()) engine::fail("parameters_to_vector: needs at least one parameter");
  std::vector<Tensor> rows;
  for (const auto& parameter : parameters) {
    engine::check_same_dtype("parameters_to_vector", parameters.front(), parameter);
    rows.push_back(parameter.reshape({parameter.numel()}));
  }
  return cat(rows);
}

void vector_to_parameters(const Tensor& vector, const std::vector<Tensor>& parameters) {
  std::int64_t total = 0;
  for (const auto& parameter : parameters) {
    engine::check_same_dtype("vector_to_parameters", vector, parameter);
    total += parameter.numel();
  }
  if (vector.shape() != Shape{total})
    engine::fail("vector_to_parameters: the vector must be [{}], got {}", total, vector.shape().str());
  const NoGrad guard;
  std::int64_t at = 0;
  for (Tensor parameter : parameters) {
    parameter.copy_(vector.narrow(0, at, parameter.numel()).reshape(parameter.shape()));
    at += parameter.numel();
  }
}

}  // namespace sigmagrad::nn
