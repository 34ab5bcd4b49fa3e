// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include <sigmagrad/autograd/capture/captured_bytes.hpp>
#include <sigmagrad/autograd/capture/replay.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::engine {
namespace {

thread_local std::size_t bytes_taken = 0;

}  // namespace

std::size_t captured_bytes() { return bytes_taken; }

void* replay_allocate(std::size_t bytes) {
  auto& free = capturing->free_[SizeClass(bytes).bytes];
  if (free.empty()) {
    bytes_taken += SizeClass(bytes).bytes;
    return pool_allocate(bytes);
  }
  void* const memory = free.back();
  free.pop_back();
  return memory;
}

std::uint32_t replay_made(Block* block) {
  capturing->made_.insert(block);
  return capturing->number_;
}

bool replay_released(Block* block) noexcept {
  Replay* const replay = capturing_or_hidden;
  if (!replay || replay->number_ != block->replay()) return false;
  replay->made_.erase(block);
  replay->free_[SizeClass(sizeof(Block) + block->bytes()).bytes].push_back(block);
  return true;
}

// What is known of a tensor's block, or null if the block is the replay's own.
Replay::External* Replay::external(const TensorImpl& tensor) {
  Block& block = *tensor.block;
  if (block.replay() == number_) return nullptr;
  auto known = externals_.find(&block);
  if (known == externals_.end())
    known = externals_
                .emplace(&block, External{tensor.block, tensor.shape, tensor.dtype, tensor.leaf, externals_.size(),
                                          block.snapshots() > 0})
                .first;
  return &known->second;
}

void Replay::meet_snapshot(const TensorImpl& tensor) {
  if (!tensor.snapshot || tensor.replay == number_) return;
  for (const Snapshot& known : snapshots_)
    if (&known.tensor.impl() == &tensor) return;
  auto& shared = const_cast<TensorImpl&>(tensor);  // the count is all that changes
  snapshots_.push_back({Tensor(Ref<TensorImpl>::share(&shared)), tensor.entries()});
}

void replay_reads(const TensorImpl& tensor) {
  tensor.in_replay.store(true, std::memory_order_relaxed);
  capturing->external(tensor);
  capturing->meet_snapshot(tensor);
}

void replay_takes_snapshot(TensorImpl& snapshot) {
  if (auto* external = capturing->external(snapshot)) external->own_snapshots = true;
  snapshot.replay = capturing->number_;
}

// A write keeps the entries for the snapshots there are. If the body took the snapshots, each replay makes that copy;
// if they come from outside, it is made once, for they keep what they show. With both at once this replay cannot serve.
void replay_writes(const TensorImpl& tensor) {
  tensor.in_replay.store(true, std::memory_order_relaxed);
  Replay& replay = *capturing;
  if (tensor.snapshot) {  // the tensor takes memory of its own: where it is the body's at every call, else at this one
    if (tensor.replay != replay.number_) replay.replayable_ = false;
    return;
  }
  Replay::External* const external = replay.external(tensor);
  if (!external || external->written) return;
  external->written = true;
  if (!external->outside_snapshots) return;
  if (external->own_snapshots) {
    replay.replayable_ = false;
    return;
  }
  const NotCaptured guard;
  tensor.block->begin_write();
}

void Replay::meet_gradient(TensorImpl& tensor, bool uses) {
  tensor.in_replay.store(true, std::memory_order_relaxed);
  if (tensor.block->replay() == number_) return;  // the body's own leaf, anew at every call
  for (const Gradient& known : gradients_)
    if (&known.tensor.impl() == &tensor) return;
  gradients_.push_back({Tensor(Ref<TensorImpl>::share(&tensor)), uses, uses ? tensor.grad : nullptr});
}

void replay_reads_grad(TensorImpl& tensor) { capturing->meet_gradient(tensor, true); }

// A replay that an Error ends leaves the gradients that the body had set by then.
void replay_sets_grad(TensorImpl& tensor) {
  if (tensor.block->replay() == capturing->number_) return;
  capturing->meet_gradient(tensor, false);
  capturing->add([leaf = Ref<TensorImpl>::share(&tensor), grad = tensor.grad] { leaf->grad = grad; });
}

void replay_loses_generator() noexcept { capturing->lost_generator_ = true; }

namespace {

bool knows(const auto& entries, const void* what) {
  return std::any_of(entries.begin(), entries.end(), [what](const auto& entry) { return entry.first == what; });
}

}  // namespace

void replay_expects(const void* what, std::function<bool()> holds) {
  if (!knows(capturing->expected_, what)) capturing->expected_.emplace_back(what, std::move(holds));
}

void replay_settles(const void* what) { replay_expects(what, nullptr); }

void replay_keeps(const void* what, std::function<PutBack()> keep) {
  if (!knows(capturing->kept_, what)) capturing->kept_.emplace_back(what, std::move(keep));
}

void replay_mends(std::function<void()> mend) {
  if (capturing) capturing->mends_.push_back(std::move(mend));
}

void refuse_in_capture(const char* operation, const char* advice) {
  if (capturing)
    fail("{}: not in the body of a captured step, which replays tensor operations only; {}", operation, advice);
}

}  // namespace sigmagrad::engine
