// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/lab/run/pool.hpp>

#include <iterator>
#include <string>
#include <system_error>
#include <utility>

#include <sigmagrad/autograd/tensor/error.hpp>
#include <sigmagrad/lab/run/trials.hpp>

namespace sigmagrad::lab::detail {

namespace {

constexpr auto moment = std::chrono::milliseconds(100);

void work(const std::shared_ptr<Pool>& pool) {
  while (auto piece = pool->take()) pool->finish({piece->id, run_trials(piece->tasks)});
}

}  // namespace

void Pool::add(std::vector<Piece> pieces) {
  const std::scoped_lock lock(mutex_);
  std::ranges::move(pieces, std::back_inserter(waiting_));
  work_.notify_all();
}

void Pool::close() {
  const std::scoped_lock lock(mutex_);
  closed_ = true;
  work_.notify_all();
}

void Pool::stop() {
  const std::scoped_lock lock(mutex_);
  waiting_.clear();
  closed_ = true;
  work_.notify_all();
  changed_.notify_all();
}

std::optional<Piece> Pool::take() {
  std::unique_lock lock(mutex_);
  work_.wait(lock, [&] { return closed_ || !waiting_.empty(); });
  if (waiting_.empty()) return std::nullopt;
  ++running_;
  Piece piece = std::move(waiting_.front());
  waiting_.pop_front();
  return piece;
}

void Pool::finish(DonePiece done) {
  const std::scoped_lock lock(mutex_);
  --running_;
  done_.push_back(std::move(done));
  if (is_idle()) changed_.notify_all();
}

std::vector<Piece> Pool::give_away(std::size_t most) {
  const std::scoped_lock lock(mutex_);
  std::vector<Piece> given;
  for (; given.size() < most && !waiting_.empty(); waiting_.pop_front()) given.push_back(std::move(waiting_.front()));
  return given;
}

std::size_t Pool::waiting() const {
  const std::scoped_lock lock(mutex_);
  return waiting_.size();
}

std::vector<DonePiece> Pool::collect() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(done_, {});
}

bool Pool::idle() const {
  const std::scoped_lock lock(mutex_);
  return is_idle();
}

void Pool::wait(Clock::time_point deadline) const {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, deadline, [&] { return is_idle(); });
}

Threads::Threads(std::shared_ptr<Pool> pool, int count) : pool_(std::move(pool)) {
  try {
    for (int i = 0; i < count; ++i) threads_.emplace_back(work, pool_);
  } catch (const std::system_error& error) {
    if (threads_.empty()) throw Error(std::string("--jobs: no thread can be started: ") + error.what());
  }
}

Threads::~Threads() {
  pool_->stop();
  pool_->wait(Clock::now() + moment);
  const bool idle = pool_->idle();
  for (auto& thread : threads_) idle ? thread.join() : thread.detach();
}

}  // namespace sigmagrad::lab::detail
