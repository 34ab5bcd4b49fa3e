// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <tuple>
#include <type_traits>

#include <sigmagrad/autograd/graph/anomaly.hpp>
#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/graph/node.hpp>

namespace sigmagrad::engine {

/// What an operation keeps for its gradient rules: a bit per input, and one for all its outputs.
using Saves = unsigned;
inline constexpr Saves saves_nothing = 0;
inline constexpr Saves saves_input = 1;
inline constexpr Saves saves_inputs = 0x7f;
inline constexpr Saves saves_output = 0x80;

/// What a gradient rule sees of the forward pass.
class Saved {
 public:
  Saved(const Node& node, std::span<const SavedTensor> slots, std::size_t inputs)
      : node_(node), slots_(slots), inputs_(inputs) {}
  const Tensor& input(std::size_t i = 0) const { return slots_[i].value(node_); }
  Tensor output(std::size_t i = 0) const { return slots_[inputs_ + i].unpack(node_); }
  /// What a write to an input leaves as it was.
  const Shape& shape(std::size_t i) const { return slots_[i].unchecked().shape(); }
  bool stored_transposed(std::size_t i) const { return slots_[i].unchecked().impl().transposed; }

 private:
  const Node& node_;
  std::span<const SavedTensor> slots_;
  std::size_t inputs_;
};

/// A node with one gradient rule per input. A rule is `Tensor(const Saved&, const Tensor& grad)`, or takes
/// `const Gradients&` where the operation has several outputs; it captures plain data only.
template <std::size_t Outputs, class... Rules>
class RuleNode final : public Node {
  static constexpr std::size_t count = sizeof...(Rules);

 public:
  RuleNode(const char* name_, const std::array<const Tensor*, count>& inputs, std::span<const Tensor, Outputs> outputs,
           Saves saves, Rules... rules)
      : RuleNode(std::make_index_sequence<count>(), std::make_index_sequence<Outputs>(), name_, inputs, outputs, saves,
                 std::move(rules)...) {}

  void backward(const Gradients& outputs, std::uint64_t wanted, std::span<Tensor> inputs) override {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((wanted >> I & 1 ? void(inputs[I] = apply(std::get<I>(rules_), outputs)) : void()), ...);
    }
    (std::make_index_sequence<count>());
  }

 private:
  // Edges and saved tensors are made where they stay.
  template <std::size_t... I, std::size_t... J>
  RuleNode(std::index_sequence<I...>, std::index_sequence<J...>, const char* name_,
           const std::array<const Tensor*, count>& inputs, std::span<const Tensor, Outputs> outputs, Saves saves,
           Rules... rules)
      : Node(name_),
        edges_{{edge_to(*inputs[I])...}},
        saved_{{(saves & (1u << I) ? SavedTensor::input(*inputs[I]) : SavedTensor())...,
                (saves & saves_output ? SavedTensor::output(outputs[J], static_cast<int>(J)) : SavedTensor())...}},
        rules_(std::move(rules)...) {
    set_edges(edges_);
    for (const Edge& edge : edges_) come_after(edge);
  }

  static Edge edge_to(const Tensor& input) {
    const TensorImpl& impl = input.impl();
    return {impl.node, impl.output, impl.leaf};
  }

  void forget_saved() override {
    for (auto& saved : saved_) saved.clear();
  }

  template <class Rule>
  Tensor apply(const Rule& rule, const Gradients& outputs) {
    const Saved saved(*this, saved_, count);
    if constexpr (std::is_invocable_v<const Rule&, const Saved&, const Gradients&>)
      return rule(saved, outputs);
    else
      return rule(saved, outputs[0]);
  }

  std::array<Edge, count> edges_;
  std::array<SavedTensor, count + Outputs> saved_;
  std::tuple<Rules...> rules_;
};

inline bool needs_gradient(const Tensor& tensor) { return static_cast<bool>(tensor.impl().node); }

/// Gives the outputs of an operation their place in the graph, where gradients are enabled and an input needs one.
template <std::size_t N, std::size_t Outputs, class... Rules>
void make_node(const char* name, const std::array<const Tensor*, N>& inputs, std::span<const Tensor, Outputs> outputs,
               Saves saves, Rules... rules) {
  static_assert(sizeof...(Rules) == N, "one gradient rule per input");
  if (watched) [[unlikely]]
    for (const Tensor& output : outputs) check_result(name, output);
  if (!grad_enabled()) return;
  bool needed = false;
  for (const auto* input : inputs) needed = needed || needs_gradient(*input);
  if (!needed) return;
  using NodeType = RuleNode<Outputs, Rules...>;
  NodeRef node(new_node<NodeType>(name, inputs, outputs, saves, std::move(rules)...));
  for (std::size_t i = 0; i < Outputs; ++i) {
    TensorImpl& output = outputs[i].impl();
    // Moved at the last round. NOLINTNEXTLINE(bugprone-use-after-move)
    output.node = i + 1 < Outputs ? node : std::move(node);
    output.output = static_cast<std::uint8_t>(i);
  }
}

/// Gives the one output of the usual operation its place in the graph, and returns it.
template <std::size_t N, class... Rules>
Tensor make_node(const char* name, const std::array<const Tensor*, N>& inputs, Tensor output, Saves saves,
                 Rules... rules) {
  make_node(name, inputs, std::span<const Tensor, 1>(&output, 1), saves, std::move(rules)...);
  return output;
}

}  // namespace sigmagrad::engine
