// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include <sigmagrad/autograd/graph/anomaly.hpp>

namespace sigmagrad::engine {

/// The entries of a tensor at one moment, and what it is: "matmul". Without entries where the tensor is undefined.
struct Seen {
  Seen(std::string what_, const Tensor& tensor);
  Seen(std::string what_, const Shape& shape_, Dtype dtype_, const void* from);

  std::string what;
  Shape shape;
  Dtype dtype = f64;
  std::vector<std::byte> entries;
};

/// Throws Error, naming the tensor, unless a replay and the body left the same bits.
void expect_same(const Seen& replay, const Seen& body);
void expect_same(const std::vector<Seen>& replay, const std::vector<Seen>& body);

/// The results of the operations in one run of a body, in order. The kernels of its replay write theirs in their place.
class Trace {
 public:
  /// With `replay`, the trace that a replay of the body has just filled: each result must be the same there.
  explicit Trace(const Trace* replay) : replay_(replay) {}
  void add(std::string operation, const Tensor& result);
  /// Throws Error if the replay has further results.
  void finish();

 private:
  const Trace* replay_;
  std::deque<Seen> results_;
};

/// The trace that takes this thread's results.
inline constinit thread_local Trace* tracing = nullptr;

/// While one lives, results go into that trace, if there is one.
class Tracing {
 public:
  explicit Tracing(Trace* trace)
      : watching_(trace ? watched | watch_traced : watched), previous_(std::exchange(tracing, trace)) {}
  ~Tracing() { tracing = previous_; }

 private:
  Watching watching_;
  Trace* previous_;
};

/// For tensors that no operation gives.
inline void trace_made(const char* operation, const Tensor& made) {
  if (watched & watch_traced) [[unlikely]]
    tracing->add(operation, made);
}

}  // namespace sigmagrad::engine
