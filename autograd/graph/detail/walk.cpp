// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/graph/detail/walk.hpp>

#include <algorithm>
#include <functional>

#include <sigmagrad/autograd/graph/anomaly.hpp>
#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/kernels/map.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>

namespace sigmagrad::engine {

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

void NodeTable::clear() {
  if (count_ == 0) return;
  if (entries_.size() > smallest + 16 * count_)
    *this = NodeTable();
  else
    std::fill(entries_.begin(), entries_.end(), Entry{});
  count_ = 0;
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

Gradients* ManyPending::find(const Node* node) {
  const auto slot = table_.find(node);
  return slot == NodeTable::none ? nullptr : &slots_[slot].gradients;
}

void ManyPending::add(NodeRef node, int output, Tensor gradient) {
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const auto slot = free_slots_.back();
  free_slots_.pop_back();
  table_.insert(node.get(), slot);
  heap_.push_back({node->order, slot});
  std::push_heap(heap_.begin(), heap_.end());
  slots_[slot].gradients[static_cast<std::size_t>(output)] = std::move(gradient);
  slots_[slot].node = std::move(node);
}

Pending ManyPending::pop() {
  std::pop_heap(heap_.begin(), heap_.end());
  const auto slot = heap_.back().slot;
  heap_.pop_back();
  free_slots_.push_back(slot);
  table_.erase(slots_[slot].node.get());
  return std::move(slots_[slot]);
}

namespace {

// The sum of two gradients, in the memory of the first where nobody else refers to it.
void add_to(Tensor& sum, const Tensor& gradient) {
  const bool own = sum.ref()->unique() && sum.impl().block->unique() && !sum.impl().snapshot;
  const bool alike = sum.shape() == gradient.shape() && sum.dtype() == gradient.dtype();
  if (grad_enabled() || watched || !own || !alike) {
    sum = sum + gradient;
    return;
  }
  dispatch(sum.dtype(), [&]<class T>(T) {
    const T* const from = read<T>(gradient);
    launch([to = write<T>(sum), from, n = sum.numel()] { update_entries(to, from, n, std::plus<>()); });
  });
}

}  // namespace

void Frontier::add(Edge&& edge, Tensor&& gradient) {
  const Node* const node = edge.node.get();
  Gradients* known = nullptr;
  for (std::size_t i = 0; i < count_; ++i)
    if (nodes_[i] == node) known = &pending_[i].gradients;
  if (!known && !many_.empty()) known = many_.find(node);
  if (known) {
    Tensor& sum = (*known)[edge.output];
    if (sum.defined())
      add_to(sum, gradient);
    else
      sum = std::move(gradient);
    return;
  }
  if (count_ == few) return many_.add(std::move(edge.node), edge.output, std::move(gradient));
  nodes_[count_] = node;
  orders_[count_] = node->order;
  Pending& pending = pending_[count_++];
  pending.gradients[edge.output] = std::move(gradient);
  pending.node = std::move(edge.node);
}

Pending Frontier::pop() {
  std::size_t latest = 0;
  for (std::size_t i = 1; i < count_; ++i)
    if (orders_[i] > orders_[latest]) latest = i;
  if (!many_.empty() && (count_ == 0 || many_.latest() > orders_[latest])) return many_.pop();
  return take(latest);
}

// In a function of its own, the result is made where the caller wants it.
Pending Frontier::take(std::size_t place) {
  Pending result = std::move(pending_[place]);
  if (place != --count_) {
    nodes_[place] = nodes_[count_];
    orders_[place] = orders_[count_];
    pending_[place] = std::move(pending_[count_]);
  }
  return result;
}

}  // namespace sigmagrad::engine
