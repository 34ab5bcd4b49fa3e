// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <limits>

#include <sigmagrad/autograd/threads/parallel_for.hpp>
#include <sigmagrad/autograd/threads/threads.hpp>

namespace sigmagrad::testing {

/// While one lives, the kernels of this thread are spread over n, even small ones unless the grains are `plain`.
class OnThreads {
 public:
  enum Grains { smallest, plain };

  explicit OnThreads(int n, Grains grains = smallest) : before_(sigmagrad::engine::threads.pieces) {
    set_num_threads(n);
    sigmagrad::engine::threads.most_grain = grains == smallest ? 1 : std::numeric_limits<std::int64_t>::max();
  }
  ~OnThreads() {
    set_num_threads(1);
    sigmagrad::engine::threads.most_grain = std::numeric_limits<std::int64_t>::max();
  }
  OnThreads(const OnThreads&) = delete;
  OnThreads& operator=(const OnThreads&) = delete;

  /// How many the kernels were cut into so far.
  std::uint64_t pieces() const { return sigmagrad::engine::threads.pieces - before_; }

 private:
  std::uint64_t before_;
};

}  // namespace sigmagrad::testing
