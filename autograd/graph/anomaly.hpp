// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

#include <sigmagrad/autograd/tensor/tensor.hpp>

namespace sigmagrad {

namespace engine {
inline constinit thread_local bool anomaly_flag = false;

/// Launch a kernel that throws Error at the first entry that is NaN or infinite.
void check_result(const char* operation, const Tensor& result);
void check_gradient(const char* operation, std::size_t input, const Tensor& gradient);
}  // namespace engine

/// While one lives, the result of every operation on this thread and every gradient is checked, and the Error names
/// the operation where a NaN or an infinity first appears. What an operation computes on the way to the gradient of an
/// input is not looked at, nor are tensors as they are made (`tensor`, `zeros`, `fill_`). A step captured under a guard
/// checks at every replay, with or without one; a step captured without a guard never does. Guards nest.
class DetectAnomaly {
 public:
  explicit DetectAnomaly(bool enabled = true) : previous_(engine::anomaly_flag) { engine::anomaly_flag = enabled; }
  ~DetectAnomaly() { engine::anomaly_flag = previous_; }
  DetectAnomaly(const DetectAnomaly&) = delete;
  DetectAnomaly& operator=(const DetectAnomaly&) = delete;

 private:
  bool previous_;
};

}  // namespace sigmagrad
