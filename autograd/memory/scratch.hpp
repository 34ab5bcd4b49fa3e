// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <type_traits>

#include <sigmagrad/autograd/memory/pool.hpp>

namespace sigmagrad::engine {

/// A kernel's own memory for one call, from the thread's pool: exactly as many entries as asked for, on a cache line
/// whatever was computed before, and not yet written.
template <class T>
class Scratch {
  static_assert(std::is_trivially_destructible_v<T>);

 public:
  explicit Scratch(std::int64_t count) : count_(count), memory_(static_cast<T*>(pool_allocate(bytes()))) {}
  ~Scratch() { pool_release(memory_, bytes()); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::int64_t size() const { return count_; }
  T* data() const { return memory_; }
  T* begin() const { return memory_; }
  T* end() const { return memory_ + count_; }
  T& operator[](std::int64_t i) const { return memory_[i]; }

 private:
  std::size_t bytes() const { return static_cast<std::size_t>(count_) * sizeof(T); }

  std::int64_t count_;
  T* memory_;
};

}  // namespace sigmagrad::engine
