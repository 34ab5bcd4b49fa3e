// SPDX-License-Identifier: BSD-3-Clause
// What a replay changes, before and after.
#include <algorithm>
#include <cstring>

#include <sigmagrad/autograd/capture/replay.hpp>
#include <sigmagrad/autograd/capture/trace.hpp>

namespace sigmagrad::engine {

PutBack Replay::keep() const {
  std::vector<std::pair<Ref<Block>, std::vector<std::byte>>> blocks;
  for (const Ref<Block>& block : written_) {
    const auto* const from = static_cast<const std::byte*>(block->data());
    blocks.emplace_back(block, std::vector<std::byte>(from, from + block->bytes()));
  }
  std::vector<std::pair<Tensor, Ref<TensorImpl>>> gradients;
  for (const Gradient& gradient : gradients_) gradients.emplace_back(gradient.tensor, gradient.tensor.impl().grad);
  std::vector<PutBack> others;
  for (const auto& [what, keep] : kept_) others.push_back(keep());
  return [blocks = std::move(blocks), gradients = std::move(gradients), others = std::move(others)] {
    for (const auto& [block, entries] : blocks) std::memcpy(block->data(), entries.data(), entries.size());
    for (const auto& [tensor, grad] : gradients) tensor.impl().grad = grad;
    for (const PutBack& put_back : others) put_back();
  };
}

std::vector<Seen> Replay::left() const {
  std::vector<Seen> result;
  for (const Gradient& gradient : gradients_)
    result.emplace_back("the gradient of a tensor", Tensor(gradient.tensor.impl().grad));
  std::vector<const External*> written;
  for (const auto& [block, external] : externals_)
    if (external.written) written.push_back(&external);
  std::sort(written.begin(), written.end(), [](const External* a, const External* b) { return a->number < b->number; });
  for (const External* external : written)
    result.emplace_back(external->leaf ? "the parameter" : "the tensor", external->shape, external->dtype,
                        external->block->data());
  return result;
}

}  // namespace sigmagrad::engine
