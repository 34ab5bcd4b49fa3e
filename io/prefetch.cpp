// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include <sigmagrad/autograd/capture/capturing.hpp>
#include <sigmagrad/autograd/graph/grad_mode.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>
#include <sigmagrad/io/data_loader.hpp>

namespace sigmagrad::detail {

// Batch n lies in slot n mod slots, and stays there after it was taken until a worker begins the batch that comes next
// in that slot, and releases it: then the memory goes back to the thread that needs such memory again, and the caller's
// does not fill up with what it never asks for.
class Prefetch {
 public:
  Prefetch(int workers, std::int64_t batches, MakeBatch make)
      : make_(std::move(make)), batches_(batches), slots_(2 * static_cast<std::size_t>(workers)) {
    try {
      for (int i = 0; i < workers; ++i) threads_.emplace_back([this] { work(); });
    } catch (const std::system_error& error) {
      end();
      engine::fail("DataLoader: a thread cannot be started: {}", error.what());
    }
  }
  ~Prefetch() { end(); }
  Prefetch(const Prefetch&) = delete;
  Prefetch& operator=(const Prefetch&) = delete;

  std::vector<Tensor> take(std::int64_t batch) {
    std::unique_lock lock(mutex_);
    // A second look at a batch makes it again; one beyond the last is refused there.
    if (batch < taken_ || batch >= batches_) {
      lock.unlock();
      return make_(batch);
    }
    taken_ = batch;
    begun_ = std::max(begun_, batch);
    changed_.notify_all();
    changed_.wait(lock, [&] { return slot(batch).batch == batch; });
    taken_ = batch + 1;
    changed_.notify_all();
    if (auto error = std::exchange(slot(batch).error, nullptr)) std::rethrow_exception(std::move(error));
    return slot(batch).tensors;
  }

 private:
  struct Slot {
    std::int64_t batch = -1;  // which is done
    std::vector<Tensor> tensors{};
    std::exception_ptr error{};
  };

  Slot& slot(std::int64_t batch) { return slots_[static_cast<std::size_t>(batch) % slots_.size()]; }

  void work() {
    const NoGrad guard;
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return ending_ || (begun_ < batches_ && begun_ < taken_ + std::ssize(slots_)); });
      if (ending_) break;
      const std::int64_t batch = begun_++;
      Slot made = std::exchange(slot(batch), {});
      lock.unlock();
      made = {};
      made = made_by_this_thread(batch);
      lock.lock();
      // What the caller has gone past is of no use.
      if (!ending_ && batch >= taken_) slot(batch) = std::move(made);
      changed_.notify_all();
    }
    const std::vector<Slot> rest = std::exchange(slots_, {});
    lock.unlock();
  }

  Slot made_by_this_thread(std::int64_t batch) const {
    try {
      return {batch, make_(batch), {}};
    } catch (...) {
      return {batch, {}, std::current_exception()};
    }
  }

  void end() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

  const MakeBatch make_;
  const std::int64_t batches_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Slot> slots_;
  std::int64_t begun_ = 0;  // the batch that comes next
  std::int64_t taken_ = 0;  // those before it were taken, or left out
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

std::shared_ptr<Prefetch> prefetch(int workers, std::int64_t batches, MakeBatch make) {
  return std::make_shared<Prefetch>(workers, batches, std::move(make));
}

std::vector<Tensor> take(Prefetch& prefetch, std::int64_t batch) {
  engine::refuse_in_capture("DataLoader", "copy each batch into tensors that the step reads");
  return prefetch.take(batch);
}

}  // namespace sigmagrad::detail
