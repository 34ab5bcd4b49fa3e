// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/nn/stack_models.hpp>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/operations/shape_ops.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::nn {
namespace {

NamedTensors tensors_of(const Module& model) {
  NamedTensors result = model.named_parameters();
  for (const auto& buffer : model.named_buffers()) result.push_back(buffer);
  return result;
}

}  // namespace

NamedTensors detail::stacked(const std::vector<const Module*>& models) {
  if (models.empty()) engine::fail("stack_models: needs at least one model");
  const NamedTensors first = tensors_of(*models.front());
  std::vector<std::vector<Tensor>> rows(first.size());
  for (const Module* model : models) {
    const NamedTensors own = tensors_of(*model);
    if (own.size() != first.size())
      engine::fail("stack_models: models of one kind are expected, got {} and {} tensors", first.size(), own.size());
    for (std::size_t i = 0; i < own.size(); ++i) {
      if (own[i].first != first[i].first || own[i].second.shape() != first[i].second.shape())
        engine::fail("stack_models: models of one kind are expected, got \"{}\" {} and \"{}\" {}", first[i].first,
                     first[i].second.shape().str(), own[i].first, own[i].second.shape().str());
      rows[i].push_back(own[i].second.detach());
    }
  }
  const NoGrad guard;
  NamedTensors result;
  for (std::size_t i = 0; i < first.size(); ++i)
    result.emplace_back(first[i].first, stack(rows[i]).requires_grad_(first[i].second.requires_grad()));
  return result;
}

}  // namespace sigmagrad::nn
