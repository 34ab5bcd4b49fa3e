// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <utility>

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad {

namespace engine {
/// What happens to the result of every operation on this thread, and to every gradient: it is looked through for NaN
/// and infinity, or noted for the comparison of a captured step with its body.
inline constexpr unsigned watch_finite = 1, watch_traced = 2;
inline constinit thread_local unsigned watched = 0;

class Watching {
 public:
  explicit Watching(unsigned watch) : previous_(std::exchange(watched, watch)) {}
  ~Watching() { watched = previous_; }
  Watching(const Watching&) = delete;
  Watching& operator=(const Watching&) = delete;

 private:
  unsigned previous_;
};

/// Launch the kernels for what is watched; that for finite entries throws Error at the first other one.
void check_result(const char* operation, const Tensor& result);
void check_gradient(const char* operation, std::size_t input, const Tensor& gradient);
}  // namespace engine

/// While one lives, the result of every operation on this thread and every gradient is checked, and the Error names
/// the operation where a NaN or an infinity first appears. What an operation computes on the way to the gradient of an
/// input is not looked at, nor are tensors as they are made (`tensor`, `zeros`, `fill_`). A step captured under a guard
/// checks at every replay, with or without one; a step captured without a guard never does. Guards nest.
class DetectAnomaly {
 public:
  explicit DetectAnomaly(bool enabled = true)
      : watching_(enabled ? engine::watched | engine::watch_finite : engine::watched & ~engine::watch_finite) {}

 private:
  engine::Watching watching_;
};

}  // namespace sigmagrad
