// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <sigmagrad/autograd/tensor/fail.hpp>

namespace sigmagrad::theory::detail {

inline void check_finite(const char* operation, const char* name, double value) {
  if (!std::isfinite(value)) engine::fail("{}: {} must be finite (got {})", operation, name, value);
}

inline void check_time(const char* operation, double t) {
  if (!(std::isfinite(t) && t >= 0)) engine::fail("{}: a time must be finite and >= 0 (got {})", operation, t);
}

inline void check_times(const char* operation, const std::vector<double>& times) {
  if (times.empty()) engine::fail("{}: needs a time or more", operation);
  for (const double t : times) check_time(operation, t);
  if (!std::is_sorted(times.begin(), times.end())) engine::fail("{}: times must be ascending", operation);
}

}  // namespace sigmagrad::theory::detail
