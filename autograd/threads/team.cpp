// SPDX-License-Identifier: BSD-3-Clause
#include <chrono>
#include <utility>

#include <sigmagrad/autograd/threads/detail/team.hpp>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace sigmagrad::engine {
namespace {

void pause() {
#if defined(__x86_64__)
  _mm_pause();
#else
  std::this_thread::yield();
#endif
}

// Waits for a value that is `ready`. The kernels of a step follow each other in microseconds, and to wake a thread
// takes tens of them: so it looks again and again for a while before it sleeps.
template <class Ready>
void wait_for(const std::atomic<int>& value, Ready ready) {
  using Clock = std::chrono::steady_clock;
  constexpr int looks = 32;
  const auto end = Clock::now() + std::chrono::microseconds(50);
  do
    for (int i = 0; i < looks; ++i) {
      if (ready(value.load(std::memory_order_acquire))) return;
      pause();
    }
  while (Clock::now() < end);
  for (int now = value.load(std::memory_order_acquire); !ready(now); now = value.load(std::memory_order_acquire))
    value.wait(now, std::memory_order_acquire);
}

}  // namespace

Team::~Team() {
  left_.store(ended, std::memory_order_release);
  left_.notify_all();
  for (std::thread& helper : helpers_) helper.join();
}

void Team::start(int helpers) {
  for (int i = 0; i < helpers; ++i) helpers_.emplace_back([this] { help(); });
}

void Team::help() {
  for (;;) {
    wait_for(left_, [](int left) { return left != 0; });
    while (run_next()) {
    }
    if (left_.load(std::memory_order_relaxed) == ended) return;
  }
}

// A piece may be one of a later work than the one that woke this thread: whatever is left is to be done.
bool Team::run_next() {
  int left = left_.load(std::memory_order_relaxed);
  do
    if (left <= 0) return false;
  while (!left_.compare_exchange_weak(left, left - 1, std::memory_order_acquire, std::memory_order_relaxed));
  run_piece(pieces_ - left);
  if (unfinished_.fetch_sub(1, std::memory_order_acq_rel) == 1) unfinished_.notify_one();
  return true;
}

void Team::run_piece(std::int64_t piece) {
  try {
    const std::int64_t begin = bound(piece), end = bound(piece + 1);
    if (begin < end) (*f_)(begin, end);
  } catch (...) {
    const std::lock_guard lock(error_mutex_);
    if (error_ && error_piece_ < piece) return;
    error_ = std::current_exception();
    error_piece_ = piece;
  }
}

std::int64_t Team::bound(std::int64_t piece) const {
  return piece == pieces_ ? n_ : piece * (n_ / unit_) / pieces_ * unit_;
}

void Team::run(int pieces, std::int64_t n, std::int64_t unit, const RangeFunction& f) {
  f_ = &f;
  n_ = n;
  unit_ = unit;
  pieces_ = pieces;
  unfinished_.store(pieces, std::memory_order_relaxed);
  left_.store(pieces, std::memory_order_release);
  left_.notify_all();
  while (run_next()) {
  }
  wait_for(unfinished_, [](int unfinished) { return unfinished == 0; });
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

}  // namespace sigmagrad::engine
