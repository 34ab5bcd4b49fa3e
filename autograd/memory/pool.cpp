// SPDX-License-Identifier: BSD-3-Clause
#include <sigmagrad/autograd/memory/pool.hpp>

#include <cstring>
#include <new>
#include <utility>

#include <sigmagrad/autograd/memory/poison.hpp>
#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::engine {
namespace {

constexpr std::align_val_t alignment{64};

void empty_lists() noexcept {
  for (auto*& head : free_lists.heads)
    while (head) ::operator delete(std::exchange(head, head->next), alignment);
  free_lists.cached = 0;
}

struct Reaper {
  ~Reaper() {
    free_lists.armed = false;
    free_lists.closed = true;
    empty_lists();
  }
};

}  // namespace

void* allocate_from_system(std::size_t bytes) {
  void* memory = ::operator new(bytes, alignment, std::nothrow);
  if (!memory) fail("allocate: {} bytes are not available", bytes);
  return memory;
}

void release_slowly(void* memory, SizeClass size) noexcept {
  FreeLists& lists = free_lists;
  if (!pooling || lists.closed || size.bytes > cache_limit) return ::operator delete(memory, alignment);
  // The cache holds sizes that are no longer used; empty it, or the sizes in use would never fit.
  if (lists.cached + size.bytes > cache_limit) empty_lists();
  thread_local Reaper reaper;
  static_cast<void>(reaper);
  lists.armed = true;
  pool_release(memory, size.bytes);
}

void poison_free_memory() noexcept {
  std::size_t request = 1;
  for (FreeNode* node : free_lists.heads) {
    const SizeClass size(request);
    for (; node; node = node->next) std::memset(node + 1, 0xff, size.bytes - sizeof(FreeNode));  // NaN in either dtype
    request = size.bytes + 1;
  }
}

}  // namespace sigmagrad::engine
