// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include <sigmagrad/autograd/threads/parallel_for.hpp>

namespace sigmagrad::engine {

/// Threads that help the one that owns them.
class Team {
 public:
  Team() = default;
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  /// Starts as many; throws std::system_error if the system gives no more.
  void start(int helpers);
  /// f on the ranges of [0, n) between multiples of `unit` entries. The owner helps, and returns when all are done.
  void run(int pieces, std::int64_t n, std::int64_t unit, const RangeFunction& f);

 private:
  void help();
  bool run_next();
  void run_piece(std::int64_t piece);
  std::int64_t bound(std::int64_t piece) const;

  std::vector<std::thread> helpers_;
  // The work, which the owner sets while no piece is left or unfinished, and reads who has taken a piece of it.
  const RangeFunction* f_ = nullptr;
  std::int64_t n_ = 0, unit_ = 1;
  int pieces_ = 0;
  std::mutex error_mutex_;
  std::exception_ptr error_;
  std::int64_t error_piece_ = 0;
  alignas(64) std::atomic<int> left_ = 0;  // pieces that nobody has taken; `ended` tells the helpers to end
  alignas(64) std::atomic<int> unfinished_ = 0;

  static constexpr int ended = -1;
};

}  // namespace sigmagrad::engine
