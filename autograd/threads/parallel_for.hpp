// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace sigmagrad::engine {

/// How the calling thread spreads its kernels.
struct Threads {
  int number = 1;                                                      // threads, itself among them
  int spread = 1;                                                      // as many, but 1 within a piece
  std::int64_t most_grain = std::numeric_limits<std::int64_t>::max();  // tests lower it: then small tensors are cut
  std::uint64_t pieces = 0;                                            // that it has handed out, for tests
};
inline constinit thread_local Threads threads{};

/// A function of a range that lives where it was made.
class RangeFunction {
 public:
  template <class F>
  explicit RangeFunction(const F& f)
      : object_(&f), call_([](const void* object, std::int64_t begin, std::int64_t end) {
          (*static_cast<const F*>(object))(begin, end);
        }) {}
  void operator()(std::int64_t begin, std::int64_t end) const { call_(object_, begin, end); }

 private:
  const void* object_;
  void (*call_)(const void*, std::int64_t, std::int64_t);
};

void run_in_pieces(std::int64_t n, std::int64_t grain, const RangeFunction& f);

/// Takes a copy: so that f is nowhere in memory where a thread computes alone.
template <class F>
[[gnu::noinline, gnu::cold]] void spread_over_threads(std::int64_t n, std::int64_t grain, F f) {
  run_in_pieces(n, grain, RangeFunction(f));
}

/// f(begin, end) over disjoint ranges that make up [0, n), on the threads of the calling thread: f(0, n) on itself
/// alone if that has one, or if n is at most `grain`. Pieces must not write to the same entries, and an entry's bits
/// must not depend on where its piece begins and ends. The Error of the first piece that throws reaches the caller,
/// after all have run.
template <class F>
[[gnu::always_inline]] inline void parallel_for(std::int64_t n, std::int64_t grain, F f) {
  if (threads.spread == 1) [[likely]]
    f(std::int64_t{0}, n);
  else
    spread_over_threads(n, grain, f);
}

/// Entries that one thread passes over faster than it finds help.
inline constexpr std::int64_t entry_grain = 32768;

/// A grain for what costs as much as `each` entries.
constexpr std::int64_t grain_of(std::int64_t each) {
  return std::max<std::int64_t>(1, entry_grain / std::max<std::int64_t>(1, each));
}

}  // namespace sigmagrad::engine
