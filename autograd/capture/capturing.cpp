// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <sigmagrad/autograd/capture/replay.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::detail {

void* tape_allocate(std::size_t bytes) {
  auto& free = recording->free_[SizeClass(bytes).bytes];
  if (free.empty()) return pool_allocate(bytes);
  void* const memory = free.back();
  free.pop_back();
  return memory;
}

std::uint32_t tape_made(Block* block) {
  recording->made_.insert(block);
  return recording->number_;
}

bool tape_released(Block* block) noexcept {
  Tape* const tape = recording_or_hidden;
  if (!tape || tape->number_ != block->tape()) return false;
  tape->made_.erase(block);
  tape->free_[SizeClass(sizeof(Block) + block->bytes()).bytes].push_back(block);
  return true;
}

/// The record of a tensor's block, or null where the block is the tape's own.
Tape::External* Tape::external(const TensorImpl& tensor) {
  Block& block = *tensor.block;
  if (block.tape() == number_) return nullptr;
  auto known = externals_.find(&block);
  if (known == externals_.end())
    known = externals_.emplace(&block, External{tensor.block, tensor.shape, block.snapshots() > 0}).first;
  return &known->second;
}

void Tape::meet_snapshot(const TensorImpl& tensor) {
  if (!tensor.snapshot || tensor.tape == number_) return;
  for (const Snapshot& known : snapshots_)
    if (&known.tensor.impl() == &tensor) return;
  auto& shared = const_cast<TensorImpl&>(tensor);  // the count is all that changes
  snapshots_.push_back({Tensor(Ref<TensorImpl>::share(&shared)), tensor.entries()});
}

void tape_reads(const TensorImpl& tensor) {
  tensor.on_tape.store(true, std::memory_order_relaxed);
  recording->external(tensor);
  recording->meet_snapshot(tensor);
}

void tape_takes_snapshot(TensorImpl& snapshot) {
  if (auto* external = recording->external(snapshot)) external->own_snapshots = true;
  snapshot.tape = recording->number_;
}

// A write keeps the entries for the snapshots there are, by a copy that belongs on the tape where the body took them,
// and not where they come from outside: those keep what they show. With both at once this call's tape cannot serve.
void tape_writes(const TensorImpl& tensor) {
  tensor.on_tape.store(true, std::memory_order_relaxed);
  Tape& tape = *recording;
  if (tensor.snapshot) {  // the tensor takes memory of its own: where it is the body's at every call, else at this one
    if (tensor.tape != tape.number_) tape.replayable_ = false;
    return;
  }
  Tape::External* const external = tape.external(tensor);
  if (!external || external->written) return;
  external->written = true;
  if (!external->outside_snapshots) return;
  if (external->own_snapshots) {
    tape.replayable_ = false;
    return;
  }
  const NotRecorded guard;
  tensor.block->begin_write();
}

void Tape::meet_gradient(TensorImpl& tensor, bool uses) {
  tensor.on_tape.store(true, std::memory_order_relaxed);
  if (tensor.block->tape() == number_) return;  // the body's own leaf, anew at every call
  for (const Gradient& known : gradients_)
    if (&known.tensor.impl() == &tensor) return;
  gradients_.push_back({Tensor(Ref<TensorImpl>::share(&tensor)), uses, uses ? tensor.grad : nullptr});
}

void tape_reads_grad(TensorImpl& tensor) { recording->meet_gradient(tensor, true); }

// A replay that an Error ends leaves the gradients that the body had set by then.
void tape_sets_grad(TensorImpl& tensor) {
  if (tensor.block->tape() == recording->number_) return;
  recording->meet_gradient(tensor, false);
  recording->add([leaf = Ref<TensorImpl>::share(&tensor), grad = tensor.grad] { leaf->grad = grad; });
}

void tape_loses_generator() noexcept { recording->lost_generator_ = true; }

void refuse_in_capture(const char* operation, const char* advice) {
  if (recording)
    fail("{}: not in the body of a captured step, which replays tensor operations only; {}", operation, advice);
}

}  // namespace sigmagrad::detail
