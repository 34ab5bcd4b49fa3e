// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sigmagrad/autograd/capture/capturing.hpp>
#include <sigmagrad/autograd/memory/pool.hpp>
#include <sigmagrad/autograd/memory/ref.hpp>

namespace sigmagrad::engine {

/// A tensor's memory: this header, then the entries. `version` counts in-place writes. Transposes and reshapes share
/// the memory as snapshots of one version; a write first keeps the entries in `history` if there are snapshots of them.
class alignas(64) Block : public RefCounted {
 public:
  static Ref<Block> make(std::size_t bytes, std::uint32_t version = 0);
  static void destroy(Block* block) noexcept;

  void* data() { return this + 1; }
  std::size_t bytes() const { return bytes_; }
  /// Number of the replay for which it was made; 0 for none.
  std::uint32_t replay() const { return replay_; }
  std::uint32_t version() const { return version_.load(std::memory_order_relaxed); }

  /// Must precede every in-place write.
  void begin_write();

  void add_snapshot(std::uint32_t version) { at(version).snapshots_.fetch_add(1, std::memory_order_relaxed); }
  void drop_snapshot(std::uint32_t version) { at(version).snapshots_.fetch_sub(1, std::memory_order_relaxed); }
  /// Snapshots of the present version.
  std::uint32_t snapshots() const { return snapshots_.load(std::memory_order_relaxed); }
  /// The entries as of `version`, of which there is a snapshot.
  void* data_at(std::uint32_t version) { return at(version).data(); }

 private:
  Block(std::size_t bytes, std::uint32_t version) : bytes_(bytes), version_(version) {}
  Block& at(std::uint32_t version);
  void preserve();
  static Ref<Block> make_for_replay(std::size_t bytes, std::uint32_t version);
  static void destroy_for_replay(Block* block) noexcept;

  std::size_t bytes_;
  std::atomic<std::uint32_t> version_;
  std::atomic<std::uint32_t> snapshots_{0};
  std::uint32_t replay_ = 0;
  Ref<Block> history_;  // the entries at earlier versions, newest first
};
static_assert(sizeof(Block) == 64, "the entries start on a cache line");

inline Ref<Block> Block::make(std::size_t bytes, std::uint32_t version) {
  if (capturing) [[unlikely]]
    return make_for_replay(bytes, version);
  return Ref<Block>::adopt(::new (pool_allocate(sizeof(Block) + bytes)) Block(bytes, version));
}

inline void Block::destroy(Block* block) noexcept {
  if (block->replay_ != 0) [[unlikely]]
    return destroy_for_replay(block);
  const std::size_t size = sizeof(Block) + block->bytes_;
  block->~Block();
  pool_release(block, size);
}

inline void Block::begin_write() {
  if (snapshots_.load(std::memory_order_relaxed) > 0 || history_) preserve();
  version_.store(version() + 1, std::memory_order_relaxed);
}

}  // namespace sigmagrad::engine
