// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/memory/block.hpp>

#include <sigmagrad/autograd/kernels/launch.hpp>
#include <sigmagrad/autograd/kernels/loops.hpp>

namespace sigmagrad::engine {

Ref<Block> Block::make_for_replay(std::size_t bytes, std::uint32_t version) {
  auto block = Ref<Block>::adopt(::new (replay_allocate(sizeof(Block) + bytes)) Block(bytes, version));
  block->replay_ = replay_made(block.get());
  return block;
}

void Block::destroy_for_replay(Block* block) noexcept {
  const std::size_t size = sizeof(Block) + block->bytes_;
  const bool kept = replay_released(block);
  block->~Block();
  if (!kept) pool_release(block, size);
}

void Block::preserve() {
  for (Ref<Block>* link = &history_; *link;) {
    Block& old = **link;
    if (old.snapshots_.load(std::memory_order_relaxed) > 0)
      link = &old.history_;
    else
      *link = std::move(old.history_);
  }
  if (snapshots_.load(std::memory_order_relaxed) == 0) return;
  auto copy = make(bytes_, version());
  launch([to = copy->data(), from = data(), bytes = bytes_] { copy_bytes(to, from, bytes); });
  copy->snapshots_.store(snapshots_.exchange(0, std::memory_order_relaxed), std::memory_order_relaxed);
  copy->history_ = std::move(history_);
  history_ = std::move(copy);
}

Block& Block::at(std::uint32_t version) {
  Block* block = this;
  while (block->version() != version) block = block->history_.get();
  return *block;
}

}  // namespace sigmagrad::engine
