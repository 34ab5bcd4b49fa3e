// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <sigmagrad/autograd/detail/walk.hpp>
#include <sigmagrad/autograd/elementwise.hpp>

namespace sigmagrad::detail {

std::uint32_t NodeTable::find(const Node* node) const {
  for (std::size_t i = home(node); entries_[i].node; i = next(i))
    if (entries_[i].node == node) return entries_[i].slot;
  return none;
}

void NodeTable::insert(const Node* node, std::uint32_t slot) {
  if (2 * ++count_ > entries_.size()) grow();
  std::size_t i = home(node);
  while (entries_[i].node) i = next(i);
  entries_[i] = {node, slot};
}

void NodeTable::erase(const Node* node) {
  std::size_t hole = home(node);
  while (entries_[hole].node != node) hole = next(hole);
  // Entries after the hole move back unless that would put them before their home.
  const std::size_t mask = entries_.size() - 1;
  for (std::size_t i = next(hole); entries_[i].node; i = next(i)) {
    if (((i - home(entries_[i].node)) & mask) < ((i - hole) & mask)) continue;
    entries_[hole] = entries_[i];
    hole = i;
  }
  entries_[hole] = {};
  --count_;
}

void NodeTable::grow() {
  const auto old = std::exchange(entries_, std::vector<Entry>(2 * entries_.size()));
  --shift_;
  for (const auto& entry : old) {
    if (!entry.node) continue;
    std::size_t i = home(entry.node);
    while (entries_[i].node) i = next(i);
    entries_[i] = entry;
  }
}

void Frontier::add(Edge&& edge, Tensor&& gradient) {
  const Node* node = edge.node.get();
  if (const auto known = table_.find(node); known != NodeTable::none) {
    Tensor& pending = slots_[known].gradients[edge.output];
    pending = pending.defined() ? pending + gradient : std::move(gradient);
    return;
  }
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back().slot = free_slots_.back();
  }
  Item& item = slots_[free_slots_.back()];
  free_slots_.pop_back();
  table_.insert(node, item.slot);
  heap_.push_back({node->order, item.slot});
  std::push_heap(heap_.begin(), heap_.end());
  item.gradients[edge.output] = std::move(gradient);
  item.node = std::move(edge.node);
}

Frontier::Item& Frontier::pop() {
  std::pop_heap(heap_.begin(), heap_.end());
  Item& item = slots_[heap_.back().slot];
  heap_.pop_back();
  table_.erase(item.node.get());
  return item;
}

void Frontier::recycle(Item& item) {
  for (auto& gradient : item.gradients) gradient = Tensor();
  item.node = NodeRef();
  free_slots_.push_back(item.slot);
}

}  // namespace sigmagrad::detail
