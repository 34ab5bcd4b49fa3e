// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad::engine {

/// Kernels, stored one after the other, that can run again.
class Program {
 public:
  Program() = default;
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  template <class Kernel>
  void add(Kernel kernel) {
    static_assert(alignof(Kernel) <= alignof(std::max_align_t));
    auto* stored = ::new (reserve(sizeof(Kernel))) Kernel(std::move(kernel));
    steps_.push_back({[](void* k) { (*static_cast<const Kernel*>(k))(); }, stored});
    if constexpr (!std::is_trivially_destructible_v<Kernel>)
      destructors_.push_back({[](void* k) { static_cast<Kernel*>(k)->~Kernel(); }, stored});
  }
  void run() const {
    for (const Call& step : steps_) step.function(step.kernel);
  }
  std::size_t size() const { return steps_.size(); }

 private:
  struct Call {
    void (*function)(void*);
    void* kernel;
  };
  void* reserve(std::size_t bytes);

  std::vector<Call> steps_, destructors_;
  std::vector<std::unique_ptr<std::max_align_t[]>> chunks_;
  std::size_t used_ = 0, capacity_ = 0;  // of the last chunk, in units of max_align_t
};

class Trace;
struct Seen;

/// Puts something back to what it was.
using PutBack = std::function<void()>;

/// Tells the replay what the body found on the host and went on by, such as the mode of a module: where `holds` answers
/// no, the step is captured anew. The first answer for each `what` counts, and none that the body had set before
/// (`replay_settles`).
void replay_expects(const void* what, std::function<bool()> holds);
void replay_settles(const void* what);
/// Tells the replay that a kernel changes something beside tensors: `keep` takes its value now.
void replay_keeps(const void* what, std::function<PutBack()> keep);
template <class T>
requires std::is_arithmetic_v<T>
void replay_changes(T& value) {
  if (capturing) replay_keeps(&value, [&value] { return [&value, kept = value] { value = kept; }; });
}

/// Tells the replay what to do where one of its kernels throws, before the Error goes on.
void replay_mends(std::function<void()> mend);

/// A captured training step: its kernels, and what must hold for them to do what the body would do.
///
/// Memory that the body makes and releases is used again within the step, but by nobody else; what is alive at the end
/// stays. Memory from outside is held, and the step may be replayed as long as it is where it was.
class Replay {
 public:
  /// With a trace, every operation of the body and of each replay leaves its result there.
  explicit Replay(std::shared_ptr<Trace> trace = nullptr);
  ~Replay();
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  /// Ends the capture. Each result becomes a tensor without history whose memory every replay fills anew.
  void finish(std::vector<Tensor>& results);

  /// False where a gradient's presence, what requires grad, a snapshot from outside or the mode of a module is not as
  /// the body found it: capture again. Throws Error where the caller has let go of a tensor that the body read, or
  /// calls from another thread.
  bool fits() const;
  void run();
  std::size_t size() const { return program_.size(); }

  const Trace* trace() const { return trace_.get(); }
  /// What puts all that a run changes back to what it is now.
  PutBack keep() const;
  /// The gradients and the tensors from outside that a run changes, as they are now.
  std::vector<Seen> left() const;

  template <class Kernel>
  void add(Kernel&& kernel) {
    program_.add(std::forward<Kernel>(kernel));
  }

 private:
  friend void* replay_allocate(std::size_t bytes);
  friend std::uint32_t replay_made(Block* block);
  friend bool replay_released(Block* block) noexcept;
  friend void replay_reads(const TensorImpl& tensor);
  friend void replay_writes(const TensorImpl& tensor);
  friend void replay_takes_snapshot(TensorImpl& snapshot);
  friend void replay_reads_grad(TensorImpl& tensor);
  friend void replay_sets_grad(TensorImpl& tensor);
  friend void replay_loses_generator() noexcept;
  friend void replay_expects(const void* what, std::function<bool()> holds);
  friend void replay_settles(const void* what);
  friend void replay_keeps(const void* what, std::function<PutBack()> keep);
  friend void replay_mends(std::function<void()> mend);

  /// A block from outside.
  struct External {
    Ref<Block> block;
    Shape shape;  // of the tensor through which it was met
    Dtype dtype;
    bool leaf;
    std::size_t number;      // in the order in which they were met
    bool outside_snapshots;  // of the version that the body found
    bool own_snapshots = false, written = false;
  };
  /// A transpose or reshape taken outside: its entries move when the memory it shares is written.
  struct Snapshot {
    Tensor tensor;
    const void* entries;
  };
  /// A tensor whose grad() the body uses or sets.
  struct Gradient {
    Tensor tensor;
    bool used;  // before it was set
    Ref<TensorImpl> before, after{};
  };

  External* external(const TensorImpl& tensor);
  void meet_snapshot(const TensorImpl& tensor);
  void meet_gradient(TensorImpl& tensor, bool uses);
  Tensor own(const TensorImpl& tensor) const;
  void stop();

  const std::uint32_t number_;  // marks the blocks and snapshots made for this replay
  const void* const thread_;
  bool replayable_ = true;
  std::uint64_t body_changes_ = 0;  // when it ended
  bool lost_generator_ = false;
  const std::shared_ptr<Trace> trace_;  // the kernels write there
  Program program_;
  std::unordered_map<const Block*, External> externals_;
  std::vector<Snapshot> snapshots_;
  std::vector<Gradient> gradients_;
  std::vector<std::pair<const void*, std::function<bool()>>> expected_;  // of the host; empty where the body sets it
  std::vector<std::pair<const void*, std::function<PutBack()>>> kept_;   // what kernels change beside tensors
  std::vector<std::function<void()>> mends_;                             // after an Error of a kernel
  std::unordered_set<Block*> made_;                                      // while capturing: our blocks that are alive
  std::unordered_map<std::size_t, std::vector<void*>> free_;             // by size: memory of our blocks that are not
  std::vector<Ref<Block>> written_;  // afterwards: what replays change, ours and not
};

}  // namespace sigmagrad::engine
