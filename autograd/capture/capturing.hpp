// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace sigmagrad::detail {

class Block;
class Tape;
struct TensorImpl;

/// The tape that this thread records on while the body of a captured step runs; null otherwise.
inline constinit thread_local Tape* recording = nullptr;
/// The same, also while NotRecorded hides it.
inline constinit thread_local Tape* recording_or_hidden = nullptr;

/// Counts what makes a recorded body another one without its tensors showing it: changes of requires_grad of tensors
/// that a tape has met, and new hooks of optimisers.
inline std::atomic<std::uint64_t> body_changes = 0;

// What the tape is told while it records.
void* tape_allocate(std::size_t bytes);
std::uint32_t tape_made(Block* block);  // returns the tape's number
void tape_reads(const TensorImpl& tensor);
void tape_writes(const TensorImpl& tensor);
void tape_takes_snapshot(TensorImpl& snapshot);
void tape_reads_grad(TensorImpl& tensor);
void tape_sets_grad(TensorImpl& tensor);  // and has set it
void tape_loses_generator() noexcept;

/// Whether the tape on which the block was made still records in this thread: it then keeps the memory.
bool tape_released(Block* block) noexcept;

/// Throws Error where a body is recorded: what the host does there would not be done at a replay.
void refuse_in_capture(const char* operation, const char* advice);

/// While one lives, what runs is done now and not recorded: memory that outlives the step is made so.
class NotRecorded {
 public:
  NotRecorded() : tape_(std::exchange(recording, nullptr)) {}
  ~NotRecorded() { recording = tape_; }
  NotRecorded(const NotRecorded&) = delete;
  NotRecorded& operator=(const NotRecorded&) = delete;

 private:
  Tape* tape_;
};

}  // namespace sigmagrad::detail
