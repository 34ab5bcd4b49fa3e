// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/memory/block.hpp>
#include <sigmagrad/autograd/tensor/dtype.hpp>
#include <sigmagrad/autograd/tensor/shape.hpp>

namespace sigmagrad::engine {

class Node;
struct TensorImpl;
void acquire(const Node* node);
void release(Node* node) noexcept;
void orphan_leaf(Node* node) noexcept;  // its tensor is gone

/// Shared pointer to a Node that needs no definition of Node (the public headers do not show the graph).
class NodeRef {
 public:
  NodeRef() = default;
  explicit NodeRef(Node* adopted) : node_(adopted) {}
  NodeRef(const NodeRef& other) : node_(other.node_) {
    if (node_) acquire(node_);
  }
  NodeRef(NodeRef&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  NodeRef& operator=(NodeRef other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~NodeRef() {
    if (node_) release(node_);
  }
  Node* get() const { return node_; }
  Node* operator->() const { return node_; }
  explicit operator bool() const { return node_ != nullptr; }

 private:
  Node* node_ = nullptr;
};

/// Whether a tensor was read off another one: in its memory, as `reshape` and `t` do, or as a copy of some of it.
enum class Part : std::uint8_t { No, Shared, Copied };

/// What a Tensor handle points at: a shape over a block of memory, and its place in the graph.
struct TensorImpl : RefCounted {
  TensorImpl(const Shape& shape_, Dtype dtype_, Ref<Block> block_)
      : shape(shape_), block(std::move(block_)), dtype(dtype_) {}
  ~TensorImpl() {
    if (snapshot) drop_snapshot();
    if (leaf) orphan_leaf(node.get());
  }
  static Ref<TensorImpl> make(const Shape& shape, Dtype dtype);
  static Ref<TensorImpl> make(const Shape& shape, Dtype dtype, Ref<Block> block);
  /// The entries of `source` under another shape, or with the last two axes swapped: no copy, and yet a value of
  /// its own.
  static Ref<TensorImpl> snapshot_of(const TensorImpl& source, const Shape& shape, bool transpose);
  /// The entries of a transposed snapshot in row-major order under another shape.
  static Ref<TensorImpl> reshaped_copy(const TensorImpl& transposed, const Shape& shape);
  static void destroy(TensorImpl* impl) noexcept;

  /// The entries in row-major order (a transposed snapshot is copied at the first such request).
  const void* read() const {
    if (capturing) [[unlikely]]
      replay_reads(*this);
    return snapshot ? read_snapshot() : block->data();
  }
  /// The entries as they lie in memory: the last two axes are swapped where `transposed`.
  const void* read_as_stored() const {
    if (capturing) [[unlikely]]
      replay_reads(*this);
    return entries();
  }
  const void* entries() const { return snapshot ? block->data_at(version) : block->data(); }
  /// Changes with every in-place write to this tensor, and with none to others.
  std::uint32_t current_version() const { return snapshot ? version : block->version(); }
  /// A snapshot becomes the owner where the tensor that it was taken from is gone.
  void inherit();
  /// Another value of this shape, of any dtype, in memory of its own. Counts as an in-place write.
  void take_value(const TensorImpl& value);
  /// For writing every entry or some; counts as an in-place write.
  void* write();

  Shape shape;
  Ref<Block> block;
  NodeRef node;  // the operation that made this value, or the leaf's accumulator; empty where no gradient flows
  Ref<TensorImpl> grad;
  mutable std::atomic<Block*> row_major{nullptr};  // of a transposed snapshot, owned
  std::uint32_t version = 0;                       // of the block, where this is a snapshot
  std::uint32_t replay = 0;                        // on which it was taken, where this is a snapshot
  Dtype dtype;
  bool snapshot = false;
  bool transposed = false;
  bool leaf = false;
  Part part = Part::No;
  std::uint8_t output = 0;                     // which output of `node`
  mutable std::atomic<bool> in_replay{false};  // a captured step has met it

 private:
  void drop_snapshot();
  const void* read_snapshot() const;
  const void* read_row_major() const;
};

inline Ref<TensorImpl> TensorImpl::make(const Shape& shape, Dtype dtype, Ref<Block> block) {
  return Ref<TensorImpl>::adopt(::new (pool_allocate(sizeof(TensorImpl))) TensorImpl(shape, dtype, std::move(block)));
}

inline Ref<TensorImpl> TensorImpl::make(const Shape& shape, Dtype dtype) {
  return make(shape, dtype, Block::make(static_cast<std::size_t>(shape.numel()) * item_size(dtype)));
}

}  // namespace sigmagrad::engine
