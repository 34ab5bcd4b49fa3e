// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <memory>
#include <sigmagrad/autograd/anomaly.hpp>
#include <sigmagrad/autograd/backward.hpp>
#include <sigmagrad/autograd/creation.hpp>
#include <sigmagrad/autograd/detail/fail.hpp>
#include <sigmagrad/autograd/detail/walk.hpp>
#include <sigmagrad/autograd/elementwise.hpp>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace sigmagrad {
namespace {

using detail::Edge;
using detail::fail;
using detail::Frontier;
using detail::Node;

/// A frontier from this thread's store: its memory is kept between walks, and a rule may start a walk of its own.
class Workspace {
 public:
  Workspace() {
    if (store().empty()) store().push_back(std::make_unique<Contents>());
    contents_ = std::move(store().back());
    store().pop_back();
  }
  /// After a complete walk. What a walk that threw leaves behind goes with it.
  void keep() { store().push_back(std::move(contents_)); }

  Frontier& frontier() { return contents_->frontier; }
  std::vector<Tensor>& inputs() { return contents_->inputs; }

 private:
  struct Contents {
    Frontier frontier;
    std::vector<Tensor> inputs;
  };
  static std::vector<std::unique_ptr<Contents>>& store() {
    static thread_local std::vector<std::unique_ptr<Contents>> contents;
    return contents;
  }
  std::unique_ptr<Contents> contents_;
};

std::uint64_t bit(std::size_t i) { return std::uint64_t{1} << std::min<std::size_t>(i, 63); }

std::uint64_t all_edges(Node& node) {
  std::uint64_t wanted = 0;
  const auto edges = node.edges();
  for (std::size_t i = 0; i < edges.size(); ++i)
    if (edges[i].node) wanted |= bit(i);
  return wanted;
}

void check_kept(const Node& node) {
  if (node.released)
    fail("backward: the graph of {} was released by an earlier backward; pass retain_graph to keep it", node.name);
}

/// The node's rules, whose results are checked as the gradients of its inputs, not as those of other operations.
void checked_backward(Node& node, const detail::Gradients& gradients, std::uint64_t wanted, std::span<Tensor> inputs) {
  {
    const DetectAnomaly hidden(false);
    node.backward(gradients, wanted, inputs);
  }
  const auto edges = node.edges();
  for (std::size_t i = 0; i < edges.size(); ++i)
    if (inputs[i].defined() && edges[i].node) detail::check_gradient(node.name, i, inputs[i]);
}

/// Walks from `output` towards the leaves. `visit(node, gradients)` sees every node with its complete gradients and
/// answers which inputs to go on with.
template <class Visit>
void walk(const Tensor& output, Tensor start, bool retain, Visit visit) {
  Workspace workspace;
  Frontier& frontier = workspace.frontier();
  auto& inputs = workspace.inputs();
  frontier.add({output.impl().node, output.impl().output}, std::move(start));
  while (!frontier.empty()) {
    detail::Pending pending = frontier.pop();
    Node& node = *pending.node.get();
    check_kept(node);
    if (const std::uint64_t wanted = visit(node, pending.gradients)) {
      const auto edges = node.edges();
      if (inputs.size() < edges.size()) inputs.resize(edges.size());
      const auto results = std::span(inputs).first(edges.size());
      if (detail::anomaly_flag) [[unlikely]]
        checked_backward(node, pending.gradients, wanted, results);
      else
        node.backward(pending.gradients, wanted, results);
      for (std::size_t i = 0; i < edges.size(); ++i)
        if (Tensor gradient = std::exchange(inputs[i], {}); gradient.defined() && edges[i].node)
          frontier.add(retain ? Edge(edges[i]) : std::move(edges[i]), std::move(gradient));
      if (!retain && !node.unique()) node.clear();
    }
  }
  workspace.keep();
}

Tensor starting_gradient(const char* name, const Tensor& output, const Tensor& given) {
  if (!output.requires_grad()) fail("{}: the tensor has no history: nothing it was computed from requires grad", name);
  if (given.defined()) {
    if (given.shape() != output.shape() || given.dtype() != output.dtype())
      fail("{}: grad_outputs is {} {}, the output {} {}", name, given.shape().str(), name_of(given.dtype()),
           output.shape().str(), name_of(output.dtype()));
    return given;
  }
  if (output.numel() != 1) fail("{}: needs a scalar, got {}", name, output.shape().str());
  return ones(output.shape(), output.dtype());
}

void accumulate(detail::TensorImpl& leaf, Tensor gradient, bool create_graph) {
  if (detail::recording) detail::tape_reads_grad(leaf);
  if (gradient.dtype() != leaf.dtype)
    fail("backward: a gradient is {}, its tensor {} {}: was a model converted after its graph was made?",
         name_of(gradient.dtype()), leaf.shape.str(), name_of(leaf.dtype));
  auto& grad = leaf.grad;
  const bool own = gradient.ref()->unique() && gradient.impl().block->unique();
  if (grad && !create_graph) {
    Tensor(grad).add_(gradient);
    return;
  }
  if (!grad && !own) gradient = gradient.reshape(gradient.shape());  // one gradient may reach several leaves
  grad = grad ? (Tensor(grad) + gradient).ref() : std::move(gradient).ref();
  if (detail::recording) detail::tape_sets_grad(leaf);
}

}  // namespace

void Tensor::backward(BackwardOptions options) const {
  Tensor start = starting_gradient("backward", *this, Tensor());
  const GradMode mode(options.create_graph);
  walk(*this, std::move(start), options.retain_graph || options.create_graph,
       [&](Node& node, detail::Gradients& gradients) {
         if (!node.leaf) return all_edges(node);
         if (gradients[0].defined()) accumulate(*node.leaf, std::move(gradients[0]), options.create_graph);
         return std::uint64_t{0};
       });
}

namespace {

using Wanted = std::unordered_map<const Node*, std::uint64_t>;

/// For every node between `output` and the targets, the inputs that lead to a target.
Wanted paths_to(const std::unordered_set<const Node*>& targets, Node* output) {
  std::vector<Node*> nodes{output};
  Wanted wanted{{output, 0}};
  for (std::size_t i = 0; i < nodes.size(); ++i)
    for (const auto& edge : nodes[i]->edges())
      if (edge.node && wanted.emplace(edge.node.get(), 0).second) nodes.push_back(edge.node.get());
  std::sort(nodes.begin(), nodes.end(), [](const Node* a, const Node* b) { return a->order < b->order; });
  for (Node* node : nodes) {
    const auto edges = node->edges();
    for (std::size_t i = 0; i < edges.size(); ++i) {
      const Node* input = edges[i].node.get();
      if (input && (targets.contains(input) || wanted[input] != 0)) wanted[node] |= bit(i);
    }
  }
  return wanted;
}

}  // namespace

std::vector<Tensor> grad(const Tensor& output, const std::vector<Tensor>& inputs, const GradOptions& options) {
  Tensor start = starting_gradient("grad", output, options.grad_outputs);
  std::unordered_set<const Node*> targets;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].requires_grad()) fail("grad: input {} does not require grad", i);
    targets.insert(inputs[i].impl().node.get());
  }
  const Wanted wanted = paths_to(targets, output.impl().node.get());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (wanted.contains(inputs[i].impl().node.get())) continue;
    for (const auto& [node, bits] : wanted) check_kept(*node);
    if (options.allow_unused) continue;
    fail("grad: input {} was not used to compute the output; pass allow_unused to get an undefined tensor", i);
  }

  std::vector<Tensor> result(inputs.size());
  const GradMode mode(options.create_graph);
  walk(output, std::move(start), options.retain_graph.value_or(options.create_graph),
       [&](Node& node, detail::Gradients& gradients) {
         for (std::size_t i = 0; i < inputs.size(); ++i)
           if (inputs[i].impl().node.get() == &node) result[i] = gradients[inputs[i].impl().output];
         return wanted.at(&node);
       });
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (!result[i].defined() && wanted.contains(inputs[i].impl().node.get()))
      result[i] = zeros(inputs[i].shape(), inputs[i].dtype());
  return result;
}

}  // namespace sigmagrad
