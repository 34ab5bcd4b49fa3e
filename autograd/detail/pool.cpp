// SPDX-License-Identifier: BSD-3-Clause
#include <new>
#include <sigmagrad/autograd/detail/pool.hpp>
#include <utility>

namespace sigmagrad::detail {
namespace {

constexpr std::align_val_t alignment{64};

struct Reaper {
  ~Reaper() {
    free_lists.armed = false;
    free_lists.closed = true;
    for (auto*& head : free_lists.heads)
      while (head) ::operator delete(std::exchange(head, head->next), alignment);
    free_lists.cached = 0;
  }
};

}  // namespace

void* allocate_from_system(std::size_t bytes) { return ::operator new(bytes, alignment); }

void release_slowly(void* memory, SizeClass size) noexcept {
  FreeLists& lists = free_lists;
  if (!pooling || lists.closed || lists.cached + size.bytes > cache_limit) return ::operator delete(memory, alignment);
  thread_local Reaper reaper;
  static_cast<void>(reaper);
  lists.armed = true;
  pool_release(memory, size.bytes);
}

}  // namespace sigmagrad::detail
