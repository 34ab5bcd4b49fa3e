// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <bit>
#include <cstddef>

namespace sigmagrad::engine {

// Memory aligned to 64 bytes from the calling thread's free lists: a training loop asks for the same sizes at every
// step, so in steady state nothing reaches the system's allocator. Memory may be released on any thread.

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool pooling = false;  // so that the sanitizer sees each use after release
#else
inline constexpr bool pooling = true;
#endif

struct FreeNode {
  FreeNode* next;
};

/// The class of requests of one rounded size: one class per 64 bytes up to 1024, then four per power of two, so that
/// at most a quarter of a buffer is unused.
struct SizeClass {
  static constexpr std::size_t step = 64, small = 1024, count = small / step + (64 - 10) * 4;

  explicit SizeClass(std::size_t request) {
    if (request <= small) {
      index = request == 0 ? 0 : (request - 1) / step;
      bytes = (index + 1) * step;
      return;
    }
    const auto power = static_cast<std::size_t>(std::bit_width(request - 1)) - 1;  // 2^power < request <= 2^(power+1)
    const std::size_t quarter = std::size_t{1} << (power - 2), full = std::size_t{1} << power;
    const std::size_t quarters = (request - 1 - full) / quarter;
    index = small / step + (power - 10) * 4 + quarters;
    bytes = full + (quarters + 1) * quarter;
  }

  std::size_t index, bytes;
};

/// Trivial, so that access needs no initialisation guard.
struct FreeLists {
  std::array<FreeNode*, SizeClass::count> heads;
  std::size_t cached;  // bytes in the lists
  bool armed;          // the thread will empty its lists when it ends
  bool closed;         // and it has
};
inline constinit thread_local FreeLists free_lists{};

void* allocate_from_system(std::size_t bytes);
/// For the first release of a thread, full lists, and threads that are ending.
void release_slowly(void* memory, SizeClass size) noexcept;

inline constexpr std::size_t cache_limit = std::size_t{512}
                                           << 20;  // a thread whose lists would exceed this empties them

inline void* pool_allocate(std::size_t request) {
  const SizeClass size(request);
  FreeLists& lists = free_lists;
  FreeNode* node = lists.heads[size.index];
  if (!node) return allocate_from_system(size.bytes);
  lists.heads[size.index] = node->next;
  lists.cached -= size.bytes;
  return node;
}

inline void pool_release(void* memory, std::size_t request) noexcept {
  const SizeClass size(request);
  FreeLists& lists = free_lists;
  if (!pooling || !lists.armed || lists.cached + size.bytes > cache_limit) return release_slowly(memory, size);
  lists.heads[size.index] = ::new (memory) FreeNode{lists.heads[size.index]};
  lists.cached += size.bytes;
}

/// Gives standard containers memory of the pool, for what a step makes anew beside tensors.
template <class T>
struct PoolAllocator {
  using value_type = T;
  PoolAllocator() = default;
  template <class U>
  PoolAllocator(const PoolAllocator<U>&) {}
  T* allocate(std::size_t n) { return static_cast<T*>(pool_allocate(n * sizeof(T))); }
  void deallocate(T* memory, std::size_t n) noexcept { pool_release(memory, n * sizeof(T)); }
  bool operator==(const PoolAllocator&) const = default;
};

}  // namespace sigmagrad::engine
