// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/graph/node.hpp>

#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::engine {
namespace {

// Destroying a node releases its inputs, and so on down the graph: a list instead of recursion, for any depth.
constinit thread_local Node* released_list = nullptr;
constinit thread_local bool draining = false;

}  // namespace

void release(Node* node) noexcept {
  if (!node->count_.release()) return;
  node->next_released_ = std::exchange(released_list, node);
  if (draining) return;
  draining = true;
  while (released_list) {
    Node* next = std::exchange(released_list, released_list->next_released_);
    const std::size_t size = next->size_;
    next->~Node();
    pool_release(next, size);
  }
  draining = false;
}

void Node::clear() {
  released = true;
  for (Edge& edge : edges()) edge.node = NodeRef();
  forget_saved();
}

void orphan_leaf(Node* node) noexcept { node->leaf = nullptr; }

void SavedTensor::throw_overwritten(const Node& node) {
  fail("backward: a value that {} saved for its gradient was overwritten by an in-place operation", node.name);
}

Tensor SavedTensor::unpack(const Node& node) const {
  const Tensor& tensor = value(node);
  if (!tensor.defined() || !is_output_ || !grad_enabled()) return tensor;
  Tensor output = tensor.detach();
  acquire(&node);
  output.impl().node = NodeRef(const_cast<Node*>(&node));
  output.impl().output = index_;
  return output;
}

}  // namespace sigmagrad::engine
