// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <sigmagrad/lab/run/task.hpp>

namespace sigmagrad::lab::detail {

using Clock = std::chrono::steady_clock;

/// Trials that one thread runs at once.
struct Piece {
  std::int64_t id = 0;
  std::vector<Task> tasks = {};
};

struct DonePiece {
  std::int64_t id = 0;
  std::vector<Finished> trials = {};
};

/// Pieces to be run and what came of them, between the threads that run them and the one that hands them in.
class Pool {
 public:
  void add(std::vector<Piece> pieces);
  /// No further piece will come.
  void close();
  /// Drops what nobody has taken, and closes.
  void stop();
  /// For a thread of this pool: waits for a piece; nothing once there will be none.
  std::optional<Piece> take();
  void finish(DonePiece done);

  /// For somebody else to run: up to `most` pieces.
  std::vector<Piece> give_away(std::size_t most);
  /// How many pieces nobody has taken.
  std::size_t waiting() const;
  /// What has finished since the last call.
  std::vector<DonePiece> collect();
  /// Whether nothing waits and nothing runs.
  bool idle() const;
  /// Until then, or until it is idle.
  void wait(Clock::time_point deadline) const;

 private:
  bool is_idle() const { return waiting_.empty() && running_ == 0; }

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::condition_variable work_;
  std::deque<Piece> waiting_;
  std::size_t running_ = 0;
  bool closed_ = false;
  std::vector<DonePiece> done_;
};

/// Threads that run the pieces of a pool. They hold a share of it, so that one that is let go never touches anything
/// freed.
class Threads {
 public:
  /// As many of `count` as the system gives; an Error where that is none.
  Threads(std::shared_ptr<Pool> pool, int count);
  /// Stops the pool. Threads in the middle of a piece that takes longer than a moment are let go.
  ~Threads();
  Threads(const Threads&) = delete;

 private:
  std::shared_ptr<Pool> pool_;
  std::vector<std::thread> threads_;
};

}  // namespace sigmagrad::lab::detail
