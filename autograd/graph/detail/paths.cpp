// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/graph/detail/paths.hpp>

#include <algorithm>

namespace sigmagrad::engine {
namespace {

constinit thread_local std::uint64_t searches = 0;  // of this thread, the latest of which has marked nodes

// A search follows a chain as fast as the memory answers. Mostly the nodes of a chain lie at equal distances, or those
// of two operations in turn do: so it asks for what should lie further on, whatever is there.
void fetch_beyond(const Node* node, const Node* two_before) {
  const auto here = reinterpret_cast<std::uintptr_t>(node);
  // A pointer may not walk out of its object, a number may. NOLINTNEXTLINE(performance-no-int-to-ptr)
  fetch(reinterpret_cast<const Node*>(here + 8 * (here - reinterpret_cast<std::uintptr_t>(two_before))));
}

constexpr std::size_t few = 4;
constexpr std::uint32_t all = ~0u;  // edges

}  // namespace

inline std::uint32_t Paths::number_of(const Node* node) const {
  if (node->is_own() && node->mark < nodes_.size() && nodes_[node->mark].node == node) return node->mark;
  return table_.empty() ? none : table_.find(node);
}

std::uint32_t Paths::number_or_add(Node* node) {
  if (const auto known = number_of(node); known != none) return known;
  const auto number = static_cast<std::uint32_t>(nodes_.size());
  nodes_.push_back({.node = node});
  if (marks_ && node->is_own())
    node->mark = number;
  else
    table_.insert(node, number);
  return number;
}

// A walk inside a rule has marked nodes: those that are known go into the table, and those to come.
void Paths::trust_marks_no_more() {
  marks_ = false;
  for (std::uint32_t i = 0; i < nodes_.size(); ++i)
    if (table_.find(nodes_[i].node) == none) table_.insert(nodes_[i].node, i);
}

void Paths::reach(std::uint32_t number) {
  Met& met = nodes_[number];
  if (std::exchange(met.reached, true)) return;
  if (met.target != none) --missing_;
}

// The leaves first: what they tell often ends the search.
void Paths::open(std::uint32_t number) {
  reach(number);
  open_.push_back(number);
  const Node* const node = nodes_[number].node;
  fetch_beyond(node, number >= 2 ? nodes_[number - 2].node : node);
  const auto edges = node->edges();
  for (std::size_t i = 0; i < edges.size(); ++i) {
    Node* const input = edges[i].node.get();
    if (!input || !edges[i].to_leaf || earliest_ > 0) continue;
    const auto leaf = number_or_add(input);
    reach(leaf);
    if (nodes_[leaf].target != none) nodes_[number].wanted |= wanted_bit(i);
  }
}

// Depth first from a new node, with a list in place of recursion, until `stop()`: then every open node leads to a
// target by the edge at which it is.
template <class Stop>
void Paths::search(std::uint32_t from, Stop stop) {
  open(from);
  while (!open_.empty() && !stop()) {
    const auto number = open_.back();
    const auto edges = nodes_[number].node->edges();
    const auto edge = nodes_[number].edge;
    if (edge >= edges.size()) {
      nodes_[number].edge = all;
      open_.pop_back();
      continue;
    }
    Node* const input = edges[edge].node.get();
    if (input && input->order >= earliest_) {
      const auto below = number_or_add(input);
      if (!nodes_[below].reached) {
        open(below);  // and back to this edge when all below it is decided
        continue;
      }
      if (nodes_[below].leads()) nodes_[number].wanted |= wanted_bit(edge);
    }
    ++nodes_[number].edge;
  }
  if (open_.empty()) return;
  for (open_.pop_back(); !open_.empty(); open_.pop_back()) {
    Met& met = nodes_[open_.back()];
    met.wanted |= wanted_bit(met.edge++);
  }
}

void Paths::find(const Tensor& output, const std::vector<Tensor>& targets) {
  Node* const start = output.impl().node.get();
  stamp_ = ++searches;
  marks_ = true;
  missing_ = 0;
  earliest_ = start->order;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    Node* const node = targets[i].impl().node.get();
    const auto number = number_or_add(node);
    numbers_.push_back(number);
    next_.push_back(std::exchange(nodes_[number].target, static_cast<std::uint32_t>(i)));
    if (next_.back() == none) ++missing_;
    earliest_ = std::min(earliest_, node->order);
  }
  search(number_or_add(start), [&] { return missing_ == 0; });
}

inline bool Paths::is_target(const Node* node) const {
  const auto number = number_of(node);
  return number != none && nodes_[number].target != none;
}

// Whether one of the node's first inputs is a target and a leaf. The others come next: they are fetched meanwhile.
inline bool Paths::leads_at_once(const Node& node) const {
  bool found = false;
  const auto edges = node.edges();
  for (std::size_t i = 0; i < std::min(edges.size(), few); ++i) {
    const auto* const input = edges[i].node.get();
    if (!input) continue;
    if (edges[i].to_leaf)
      found = found || is_target(input);
    else
      fetch(input);
  }
  return found;
}

bool Paths::leads(Node* node) {
  auto number = number_of(node);
  if (number == none || !nodes_[number].reached) {
    if (leads_at_once(*node)) return true;
    number = number_or_add(node);
    search(number, [&] { return nodes_[open_.back()].leads(); });
  }
  return nodes_[number].leads();
}

Paths::Step Paths::at(Node& node) {
  if (stamp_ != searches && marks_) trust_marks_no_more();
  const auto number = number_of(&node);
  Step step{0, none};
  std::size_t i = 0;
  if (number != none) {
    step = {nodes_[number].wanted, nodes_[number].target};
    i = nodes_[number].edge;
  }
  const auto edges = node.edges();
  for (; i < edges.size(); ++i) {
    Node* const input = edges[i].node.get();
    if (input && input->order >= earliest_ && leads(input)) step.wanted |= wanted_bit(i);
  }
  if (number != none) {
    nodes_[number].wanted = step.wanted;
    nodes_[number].edge = all;
  }
  return step;
}

void Paths::clear() {
  nodes_.clear();
  open_.clear();
  numbers_.clear();
  next_.clear();
  table_.clear();
}

}  // namespace sigmagrad::engine
