// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <deque>
#include <vector>

#include <sigmagrad/autograd/graph/node.hpp>

namespace sigmagrad::engine {

/// Finds a node's slot: open addressing with removal, so that it stays as small as the walk's frontier.
class NodeTable {
 public:
  static constexpr std::uint32_t none = ~0u;
  std::uint32_t find(const Node* node) const;
  void insert(const Node* node, std::uint32_t slot);
  void erase(const Node* node);
  /// Takes as long as there are nodes, not as there once were.
  void clear();
  bool empty() const { return count_ == 0; }

 private:
  static constexpr std::size_t smallest = 32;
  struct Entry {
    const Node* node = nullptr;
    std::uint32_t slot = none;
  };
  std::size_t home(const Node* node) const {
    return (reinterpret_cast<std::uintptr_t>(node) >> 6) * 0x9e3779b97f4a7c15u >> shift_;
  }
  std::size_t next(std::size_t i) const { return (i + 1) & (entries_.size() - 1); }
  void grow();

  std::vector<Entry> entries_ = std::vector<Entry>(smallest);
  std::size_t count_ = 0;
  int shift_ = 64 - 5;
};

/// A node with the gradients of its outputs so far.
struct Pending {
  NodeRef node;
  Gradients gradients;
};

/// Pending nodes in any number: a heap by order of creation, and a table to find them.
class ManyPending {
 public:
  bool empty() const { return heap_.empty(); }
  std::uint64_t latest() const { return heap_.front().order; }
  Gradients* find(const Node* node);
  void add(NodeRef node, int output, Tensor gradient);
  Pending pop();

 private:
  struct Key {
    std::uint64_t order;
    std::uint32_t slot;
    bool operator<(const Key& other) const { return order < other.order; }
  };
  std::vector<Key> heap_;
  std::deque<Pending> slots_;
  std::vector<std::uint32_t> free_slots_;
  NodeTable table_;
};

/// Nodes whose consumers have given their gradients, latest first. Creation order is a topological order, so a node
/// that comes out has received every gradient it will. A walk seldom has more than a few nodes before it: those are
/// looked through one by one.
class Frontier {
 public:
  bool empty() const { return count_ == 0 && many_.empty(); }
  /// Adds to the pending gradient of an edge's target, whose reference is taken over when it is new here.
  void add(Edge&& edge, Tensor&& gradient);
  /// The latest node.
  Pending pop();

 private:
  Pending take(std::size_t place);

  static constexpr std::size_t few = 16;
  std::array<const Node*, few> nodes_;
  std::array<std::uint64_t, few> orders_;
  std::array<Pending, few> pending_;
  std::size_t count_ = 0;
  ManyPending many_;  // where there is no place above
};

}  // namespace sigmagrad::engine
