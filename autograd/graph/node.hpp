// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <span>

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad::engine {

/// Where the gradient of an input goes: one output of the node that made it. Empty where none flows.
struct Edge {
  NodeRef node;
  std::uint8_t output = 0;
  bool to_leaf = false;
};

inline constexpr int max_outputs = 3;
using Gradients = std::array<Tensor, max_outputs>;  // of a node's outputs; an undefined tensor means zero

/// One executed operation in the graph: its name, where its inputs came from, and how gradients pass through it.
class Node {
 public:
  explicit Node(const char* name_) : name(name_), order(++created()) {}
  virtual ~Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// One per input.
  std::span<Edge> edges() const { return {edges_, edge_count_}; }
  /// Fills the gradients of the inputs whose bit is set in `wanted`, by tensor operations on those of the outputs.
  /// One that stays undefined means zero.
  virtual void backward(const Gradients& outputs, std::uint64_t wanted, std::span<Tensor> inputs) = 0;
  /// Forgets the inputs and the saved tensors, after a walk that does not retain the graph.
  void clear();
  bool unique() const { return count_.unique(); }
  /// The calling thread made it, and no other thread writes its `mark`.
  bool is_own() const { return owner_ == &created(); }

  const char* const name;
  std::uint64_t order;         // of creation, later than every input's; 0 for leaves
  TensorImpl* leaf = nullptr;  // the tensor whose gradient ends here, while it lives
  std::uint32_t mark = 0;      // its place among the nodes of the last `Paths` that met it
  bool released = false;       // a walk without retain_graph has passed

 protected:
  struct LeafTag {};
  explicit Node(LeafTag) : name("leaf"), order(0) {}

  virtual void forget_saved() = 0;
  /// The edges stand in the derived object.
  void set_edges(std::span<Edge> edges) {
    edges_ = edges.data();
    edge_count_ = static_cast<std::uint32_t>(edges.size());
  }

  /// An input may come from a thread that has created more nodes than this one.
  void come_after(const Edge& edge) {
    if (edge.node && edge.node->order >= order) order = created() = edge.node->order + 1;
  }

 private:
  friend void acquire(const Node* node);
  friend void release(Node* node) noexcept;
  template <class NodeType, class... Args>
  friend NodeType* new_node(Args&&... args);
  static std::uint64_t& created() {
    static constinit thread_local std::uint64_t count = 0;
    return count;
  }

  const std::uint64_t* const owner_ = &created();  // the thread that made it
  Edge* edges_ = nullptr;
  std::uint32_t edge_count_ = 0;
  std::uint32_t size_ = 0;  // of the derived object, for the pool
  Node* next_released_ = nullptr;
  RefCounted count_;
};

/// Has a node's first bytes and its edges brought into the cache; the address need not be one.
inline void fetch(const Node* node) {
  __builtin_prefetch(node);
  __builtin_prefetch(reinterpret_cast<const std::byte*>(node) + 64);
}

inline void acquire(const Node* node) { node->count_.acquire(); }

/// A leaf's end of the graph. The tensor owns it, so it points back weakly.
class LeafNode final : public Node {
 public:
  explicit LeafNode(TensorImpl* tensor) : Node(LeafTag{}) { leaf = tensor; }
  void backward(const Gradients&, std::uint64_t, std::span<Tensor>) override {}

 private:
  void forget_saved() override {}
};

template <class NodeType, class... Args>
NodeType* new_node(Args&&... args) {
  auto* node = ::new (pool_allocate(sizeof(NodeType))) NodeType(std::forward<Args>(args)...);
  node->size_ = sizeof(NodeType);
  return node;
}

/// A tensor that a gradient rule will need: an input, or the operation's own output (kept without its history, which
/// would be a cycle). Remembers the version of its memory, so that a later in-place write is noticed.
class SavedTensor {
 public:
  SavedTensor() = default;
  static SavedTensor input(const Tensor& tensor) { return SavedTensor(tensor.impl()); }
  static SavedTensor output(const Tensor& tensor, int index = 0) { return SavedTensor(tensor.detach(), index); }

  /// The tensor as `node` saved it, an output without its history. Throws Error if it was overwritten since.
  const Tensor& value(const Node& node) const {
    if (value_.defined() && value_.impl().current_version() != version_) throw_overwritten(node);
    return value_;
  }
  /// The tensor with its history, an output as `node` made it.
  Tensor unpack(const Node& node) const;
  /// The tensor, even if it was overwritten since.
  const Tensor& unchecked() const { return value_; }
  void clear() { value_ = Tensor(); }

 private:
  explicit SavedTensor(TensorImpl& input) : value_(Ref<TensorImpl>::share(&input)), version_(input.current_version()) {}
  SavedTensor(Tensor&& output, int index)
      : value_(std::move(output)),
        version_(value_.impl().current_version()),
        is_output_(true),
        index_(static_cast<std::uint8_t>(index)) {}
  [[noreturn]] static void throw_overwritten(const Node& node);

  Tensor value_;
  std::uint32_t version_ = 0;
  bool is_output_ = false;
  std::uint8_t index_ = 0;
};

}  // namespace sigmagrad::engine
