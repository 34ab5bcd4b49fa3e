// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/graph/detail/walk.hpp>

namespace sigmagrad::engine {

/// The bit of a node's i-th input in a set of wanted inputs; those from the 64th on share one.
inline std::uint64_t wanted_bit(std::size_t i) { return std::uint64_t{1} << (i < 63 ? i : 63); }

/// What of a graph lies on a path from an output to chosen tensors, its targets.
///
/// A second pass through a large graph would cost as much as the walk itself, which finds each node in the cache that
/// the one before has fetched. So `find` stops as soon as it has met every target, and the walk decides the inputs that
/// are left: most lead to a target within two steps, and a search for one ends at the first. No edge is looked at by
/// two searches, hence all of them together are linear in the size of the graph.
///
/// Each node that is met gets a number, which is left in the node as its mark: a mark is valid where the node of that
/// number is the marked one, so marks need no removal. Only the thread that made a node marks it; the nodes of other
/// threads, and all of them after a walk inside a gradient rule, are found by a table. So threads may walk graphs that
/// share leaves, or one graph that all of them retain.
class Paths {
 public:
  static constexpr std::uint32_t none = NodeTable::none;

  /// Looks for the targets. Where one is missing, the whole graph was seen.
  void find(const Tensor& output, const std::vector<Tensor>& targets);
  /// Forgets the graph, and keeps the memory.
  void clear();

  bool reaches(std::size_t target) const { return nodes_[numbers_[target]].reached; }
  struct Step {
    std::uint64_t wanted;  // the inputs that lead to a target
    std::uint32_t target;  // a target that is an output of this node, or none
  };
  /// For a node of the walk, whose inputs were not walked yet.
  Step at(Node& node);
  /// The next target that is an output of the same node, or none.
  std::uint32_t next(std::uint32_t target) const { return next_[target]; }
  /// Calls `f(node)` for each node that `find` met.
  template <class F>
  void for_each(F f) const {
    for (const auto& met : nodes_)
      if (met.reached) f(*met.node);
  }

 private:
  struct Met {
    Node* node;
    std::uint64_t wanted = 0;  // of the inputs before `edge`, and of the leaves among the others
    std::uint32_t target = none;
    std::uint32_t edge = 0;  // the first input that is not decided
    bool reached = false;
    bool leads() const { return wanted != 0 || target != none; }
  };

  std::uint32_t number_of(const Node* node) const;
  std::uint32_t number_or_add(Node* node);
  bool is_target(const Node* node) const;
  bool leads_at_once(const Node& node) const;
  bool leads(Node* node);
  void reach(std::uint32_t number);
  void open(std::uint32_t number);
  template <class Stop>
  void search(std::uint32_t from, Stop stop);
  void trust_marks_no_more();

  std::vector<Met> nodes_;
  std::vector<std::uint32_t> open_;     // from the start of a search to where it is
  std::vector<std::uint32_t> numbers_;  // of the targets' nodes
  std::vector<std::uint32_t> next_;     // by target
  std::uint64_t earliest_ = 0;          // no target was made before
  std::size_t missing_ = 0;             // targets that were not met yet
  std::uint64_t stamp_ = 0;             // of this search among the thread's
  bool marks_ = true;                   // new nodes are marked
  NodeTable table_;                     // nodes without a mark of ours
};

}  // namespace sigmagrad::engine
