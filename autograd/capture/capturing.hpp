// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace sigmagrad::engine {

class Block;
class Replay;
struct TensorImpl;

/// The replay that takes this thread's kernels while the body of a captured step runs; null otherwise.
inline constinit thread_local Replay* capturing = nullptr;
/// That replay, even while NotCaptured hides it.
inline constinit thread_local Replay* capturing_or_hidden = nullptr;

/// Counts the changes that invalidate a capture but that no tensor shows: changes of requires_grad of tensors that a
/// captured step has met, and new hooks of optimisers.
inline std::atomic<std::uint64_t> body_changes = 0;

// What the replay is told while its body runs.
void* replay_allocate(std::size_t bytes);
std::uint32_t replay_made(Block* block);  // returns the replay's number
void replay_reads(const TensorImpl& tensor);
void replay_writes(const TensorImpl& tensor);
void replay_takes_snapshot(TensorImpl& snapshot);
void replay_reads_grad(TensorImpl& tensor);
void replay_sets_grad(TensorImpl& tensor);  // and has set it
void replay_loses_generator() noexcept;

/// Whether the body for whose replay the block was made still runs in this thread: the replay then keeps the memory.
bool replay_released(Block* block) noexcept;

/// Throws Error while a body is captured: what the host does there would not be done at a replay.
void refuse_in_capture(const char* operation, const char* advice);

/// While one lives, kernels run once and are not captured: memory that outlives the step is made so.
class NotCaptured {
 public:
  NotCaptured() : replay_(std::exchange(capturing, nullptr)) {}
  ~NotCaptured() { capturing = replay_; }
  NotCaptured(const NotCaptured&) = delete;
  NotCaptured& operator=(const NotCaptured&) = delete;

 private:
  Replay* replay_;
};

}  // namespace sigmagrad::engine
