// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <sigmagrad/autograd/detail/fail.hpp>

namespace sigmagrad::theory::detail {

inline void check_finite(const char* operation, const char* name, double value) {
  if (!std::isfinite(value)) sigmagrad::detail::fail("{}: {} must be finite (got {})", operation, name, value);
}

inline void check_time(const char* operation, double t) {
  if (!(std::isfinite(t) && t >= 0))
    sigmagrad::detail::fail("{}: a time must be finite and >= 0 (got {})", operation, t);
}

}  // namespace sigmagrad::theory::detail
