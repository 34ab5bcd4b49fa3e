// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/tensor/cloning.hpp>

#include <sigmagrad/autograd/capture/capturing.hpp>

namespace sigmagrad::engine {

Cloning::Cloning(const std::vector<Tensor>& originals) {
  refuse_in_capture("clone", "clone the model outside");
  cloning = nullptr;  // what is copied here is no part of a clone around this one
  for (const auto& original : originals)
    tensors_.emplace(original.ref().get(), original.detach().clone().requires_grad_(original.requires_grad()).ref());
  cloning = this;
}

Cloning::Cloning(const std::vector<Tensor>& originals, const std::vector<Tensor>& replacements) {
  cloning = nullptr;
  for (std::size_t i = 0; i < originals.size(); ++i) tensors_.emplace(originals[i].ref().get(), replacements[i].ref());
  cloning = this;
}

Cloning::~Cloning() { cloning = previous_; }

const Ref<TensorImpl>& Cloning::counterpart(const Ref<TensorImpl>& original) const {
  const auto found = tensors_.find(original.get());
  return found == tensors_.end() ? original : found->second;
}

const Ref<TensorImpl>& counterpart(const Ref<TensorImpl>& original) { return cloning->counterpart(original); }

}  // namespace sigmagrad::engine
