// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <cstdlib>
#include <functional>
#include <new>

#include <gtest/gtest.h>

// Replaces the program's operator new by one that counts: for one file of a test program. A sanitizer brings an
// allocator of its own.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace sigmagrad::testing {

inline std::atomic<long> allocations = 0;

inline void* counted(std::size_t bytes, std::size_t alignment) {
  ++allocations;
  if (void* memory = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment)) return memory;
  throw std::bad_alloc();
}

/// After a hundred steps, `count` further ones.
inline void expect_no_allocation(const std::function<void()>& step, int count = 1000) {
  for (int i = 0; i < 100; ++i) step();
  const long before = allocations;
  for (int i = 0; i < count; ++i) step();
  EXPECT_EQ(allocations - before, 0);
}

}  // namespace sigmagrad::testing

// One file a test program includes this. Not inlined: the compiler would see free() meet a pointer of operator new, and
// warn.
// NOLINTBEGIN(misc-definitions-in-headers)
void* operator new(std::size_t bytes) { return sigmagrad::testing::counted(bytes, alignof(std::max_align_t)); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return sigmagrad::testing::counted(bytes, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
// NOLINTEND(misc-definitions-in-headers)

#endif
