// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/graph/backward.hpp>

#include <utility>

#include <sigmagrad/autograd/graph/anomaly.hpp>
#include <sigmagrad/autograd/graph/detail/pull_back.hpp>
#include <sigmagrad/autograd/operations/elementwise.hpp>
#include <sigmagrad/autograd/tensor/creation.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad {
namespace {

using engine::Edge;
using engine::fail;
using engine::Node;

struct Workspace {
  engine::Frontier frontier;
  std::vector<Tensor> inputs;
};

std::uint64_t all_edges(Node& node) {
  std::uint64_t wanted = 0;
  const auto edges = node.edges();
  for (std::size_t i = 0; i < edges.size(); ++i) {
    if (!edges[i].node) continue;
    wanted |= engine::wanted_bit(i);
    if (!edges[i].to_leaf) engine::fetch(edges[i].node.get());  // it comes next
  }
  return wanted;
}

void check_kept(const Node& node) {
  if (node.released)
    fail("backward: the graph of {} was released by an earlier backward; pass retain_graph to keep it", node.name);
}

// The node's rules, whose results are checked as the gradients of its inputs, not as those of other operations.
void checked_backward(Node& node, const engine::Gradients& gradients, std::uint64_t wanted, std::span<Tensor> inputs) {
  {
    const engine::Watching nothing(0);
    node.backward(gradients, wanted, inputs);
  }
  const auto edges = node.edges();
  for (std::size_t i = 0; i < edges.size(); ++i)
    if (inputs[i].defined() && edges[i].node) engine::check_gradient(node.name, i, inputs[i]);
}

// Walks from `output` towards the leaves. `visit(node, gradients)` sees every node with its complete gradients and
// answers which inputs to go on with.
template <class Visit>
void walk(const Tensor& output, Tensor start, bool retain, Visit visit) {
  engine::Reused<Workspace> workspace;  // a rule may start a walk of its own
  auto& [frontier, inputs] = *workspace;
  frontier.add({output.impl().node, output.impl().output}, std::move(start));
  while (!frontier.empty()) {
    engine::Pending pending = frontier.pop();
    Node& node = *pending.node.get();
    check_kept(node);
    if (const std::uint64_t wanted = visit(node, pending.gradients)) {
      const auto edges = node.edges();
      if (inputs.size() < edges.size()) inputs.resize(edges.size());
      const auto results = std::span(inputs).first(edges.size());
      if (engine::watched) [[unlikely]]
        checked_backward(node, pending.gradients, wanted, results);
      else
        node.backward(pending.gradients, wanted, results);
      for (std::size_t i = 0; i < edges.size(); ++i)
        if (Tensor gradient = std::move(inputs[i]); gradient.defined() && edges[i].node)
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

void accumulate(engine::TensorImpl& leaf, Tensor gradient, bool create_graph) {
  if (engine::capturing) engine::replay_reads_grad(leaf);
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
  if (engine::capturing) engine::replay_sets_grad(leaf);
}

}  // namespace

void Tensor::backward(BackwardOptions options) const {
  Tensor start = starting_gradient("backward", *this, Tensor());
  const GradMode mode(options.create_graph);
  walk(*this, std::move(start), options.retain_graph || options.create_graph,
       [&](Node& node, engine::Gradients& gradients) {
         if (!node.leaf) return all_edges(node);
         if (gradients[0].defined()) accumulate(*node.leaf, std::move(gradients[0]), options.create_graph);
         return std::uint64_t{0};
       });
}

namespace engine {

PullBack::PullBack(const Tensor& output, const std::vector<Tensor>& inputs, bool allow_unused)
    : output_(output), inputs_(inputs) {
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (!inputs[i].requires_grad()) fail("grad: input {} does not require grad", i);
  paths_->find(output, inputs);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (paths_->reaches(i)) continue;
    paths_->for_each([](const Node& node) { check_kept(node); });
    if (allow_unused) break;
    fail("grad: input {} was not used to compute the output; pass allow_unused to get an undefined tensor", i);
  }
}

PullBack::~PullBack() {
  paths_->clear();
  paths_.keep();
}

std::vector<Tensor> PullBack::operator()(Tensor v, bool create_graph, bool retain_graph) const {
  std::vector<Tensor> result(inputs_.size());
  const GradMode mode(create_graph);
  walk(output_, std::move(v), retain_graph, [&](Node& node, Gradients& gradients) {
    const auto [wanted, target] = paths_->at(node);
    for (auto i = target; i != Paths::none; i = paths_->next(i)) result[i] = gradients[inputs_[i].impl().output];
    return wanted;
  });
  for (std::size_t i = 0; i < result.size(); ++i)
    if (!result[i].defined() && paths_->reaches(i)) result[i] = zeros(inputs_[i].shape(), inputs_[i].dtype());
  return result;
}

}  // namespace engine

std::vector<Tensor> grad(const Tensor& output, const std::vector<Tensor>& inputs, const GradOptions& options) {
  Tensor start = starting_gradient("grad", output, options.grad_outputs);
  const engine::PullBack pull_back(output, inputs, options.allow_unused);
  return pull_back(std::move(start), options.create_graph, options.retain_graph.value_or(options.create_graph));
}

}  // namespace sigmagrad
